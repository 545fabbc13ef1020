#!/bin/sh
# A trainer in plain shell (TN4): `sh trainer.sh <behaviour>`, as test/contracts/training-backend.ts describes them.
set -eu

of_spec() { sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$UNDERSTUDY_SPEC"; }
output=$(of_spec output)
model=$(of_spec model)
seed=$(of_spec seed)
echo started >>"$UNDERSTUDY_CHECKPOINTS/starts"
attempts_before=$(($(wc -l <"$UNDERSTUDY_CHECKPOINTS/starts") - 1))

digest() { sha256sum "$1" | cut -d ' ' -f 1; }

# result MODE SEED PATH SHA256 RESUMED_FROM
result() {
  printf '{"mode":"%s","seed":%s,"artifact":{"path":"model","files":[{"path":"%s","sha256":"%s"}]},' "$1" "$2" "$3" "$4"
  printf '"predictions":{"path":"none","sha256":"%s","rows":0},' "$4"
  printf '"metrics":{"auc":0.75},"stepsDone":50,"resumedFrom":%s}' "$5"
}

train() {
  mkdir -p "$output/model"
  printf 'weights of %s, seed %s' "$model" "$seed" >"$output/model/weights.bin"
  weights=$(digest "$output/model/weights.bin")
  result train "$seed" weights.bin "$weights" "${1:-null}" >"$output/result.json"
}

case "$1" in
trains) train ;;
predicts)
  printf 'PAR1' >"$output/predictions.parquet"
  printf '{"mode":"predict","predictions":{"path":"predictions.parquet","sha256":"%s","rows":2}}' \
    "$(digest "$output/predictions.parquet")" >"$output/result.json"
  ;;
pulls | pulls-another)
  mkdir -p "$output/observations" "$output/labels/day=2026-02-28"
  printf 'PAR1' >"$output/observations/all.parquet"
  printf 'PAR1' >"$output/labels/day=2026-02-28/all.parquet"
  file=$(digest "$output/observations/all.parquet")
  printf '{"mode":"pull","observations":[{"path":"observations/all.parquet","sha256":"%s","rows":2}],' "$file" >"$output/result.json"
  printf '"labels":[{"path":"labels/day=2026-02-28/all.parquet","sha256":"%s","rows":1}],' "$file" >>"$output/result.json"
  printf '"sources":[{"uri":"table:x"}]}' >>"$output/result.json"
  if [ "$1" = pulls-another ]; then printf 'other' >"$output/labels/day=2026-02-28/all.parquet"; fi
  ;;
hangs) sleep 300 ;;
shows-progress)
  printf '{"step":1}\n{"step":3,"of":10}\n{"st' >>"$UNDERSTUDY_PROGRESS"
  sleep 300
  ;;
resumes)
  if [ "$attempts_before" -eq 0 ]; then
    echo 40 >"$UNDERSTUDY_CHECKPOINTS/step"
    exit 75
  fi
  train "$(cat "$UNDERSTUDY_CHECKPOINTS/step")"
  ;;
leans-on-earlier)
  if [ "$attempts_before" -eq 0 ]; then
    train
    exit 75
  fi
  ;;
writes-nothing) ;;
writes-nonsense) printf '{"mode":"train"' >"$output/result.json" ;;
says-predict)
  train
  result predict "$seed" weights.bin "$weights" null >"$output/result.json"
  ;;
says-other-seed)
  train
  result train 99 weights.bin "$weights" null >"$output/result.json"
  ;;
names-wrong-digest)
  train
  printf 'more' >>"$output/model/weights.bin"
  ;;
names-missing-file)
  train
  result train "$seed" gone.bin "$weights" null >"$output/result.json"
  ;;
names-outside-file)
  train
  printf 'outside' >"$output/outside.bin"
  result train "$seed" ../outside.bin "$(digest "$output/outside.bin")" null >"$output/result.json"
  ;;
leaves-unnamed-file)
  train
  printf 'notes' >"$output/model/notes.txt"
  ;;
trains-then-exits-65)
  train
  exit 65
  ;;
kills-itself) kill -9 $$ ;;
prints)
  seq 1 250
  echo "token is $SERVICE_TOKEN, store is http://me:hidden@store.example/"
  exit 64
  ;;
shows-environment)
  env | cut -d = -f 1 | sort >"$UNDERSTUDY_CHECKPOINTS/environment"
  train
  ;;
scatters)
  # One child in the group, one that left it, neither of which heeds SIGTERM.
  sh -c 'trap "" TERM; sleep 300' &
  setsid sh -c 'trap "" TERM; while :; do sleep 300; done' &
  echo ready >"$UNDERSTUDY_CHECKPOINTS/ready"
  trap "" TERM
  while :; do sleep 300; done
  ;;
saves-when-told)
  trap 'echo 12 >"$UNDERSTUDY_CHECKPOINTS/step"; exit 75' TERM
  echo ready >"$UNDERSTUDY_CHECKPOINTS/ready"
  while :; do sleep 0.05; done
  ;;
exit-*) exit "${1#exit-}" ;;
*)
  echo "no such behaviour: $1" >&2
  exit 64
  ;;
esac
