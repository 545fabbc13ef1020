-- From the raw file of flights to the observations and labels of the example.
-- Variables set before it runs: source (path of the Parquet file), until (timestamp, exclusive), rows (most rows kept per day).
--
-- A flight is observed at wheels-up (`date`) and its label is known when it lands. All times are cut into bins of ten minutes:
-- a lag of bin b reads only labels whose own bin lies before b, so no feature can see the future, and no self-join is needed.

create or replace temp table flight as
select
  date::timestamp as date,
  origin,
  destination,
  distance::integer as distance,
  (delay > 15)::integer as late,
  -- Half an hour on the ground, then 7.2 miles a minute.
  date::timestamp + to_seconds(1800 + (distance * 60 / 7.2)::bigint) as landed_at,
  epoch(date)::bigint // 600 as bin,
  file_row_number as line
from read_parquet(getvariable('source'), file_row_number = true)
where date < least(getvariable('until'), timestamp '2001-07-01');

create or replace temp table landing as
select origin, epoch(landed_at)::bigint // 600 + 1 as known_from, sum(late) as late, count(*) as flights
from flight
group by all;

-- Late flights of the same origin whose labels became known in the last three hours.
create or replace temp table origin_lag as
with event as (
  select origin, known_from as bin, late, flights from landing
  union all
  select distinct origin, bin, 0, 0 from flight
), bin_total as (
  select origin, bin, sum(late) as late, sum(flights) as flights from event group by all
)
select origin, bin, sum(late) over three_hours as late, sum(flights) over three_hours as flights
from bin_total
window three_hours as (partition by origin order by bin range between 17 preceding and current row);

-- The same for all origins in the last two hours.
create or replace temp table network_lag as
with event as (
  select known_from as bin, late, flights from landing
  union all
  select distinct bin, 0, 0 from flight
), bin_total as (
  select bin, sum(late) as late, sum(flights) as flights from event group by all
)
select bin, sum(late) over two_hours as late, sum(flights) over two_hours as flights
from bin_total
window two_hours as (order by bin range between 11 preceding and current row);

-- One row per flight, labels included; the id is the same on every machine. `rows` thins what is kept, never what lags read.
create or replace temp table observation as
select
  strftime(date, '%Y%m%d-%H%M-') || origin || '-' || destination || '-' || distance || '-'
    || row_number() over (partition by date, origin, destination, distance order by line) as flight,
  date,
  (origin_lag.late + 20 * 0.2) / (origin_lag.flights + 20) as origin_late,
  (network_lag.late + 20 * 0.2) / (network_lag.flights + 20) as network_late,
  hour(date) + minute(date) / 60 as hour,
  distance,
  isodow(date)::integer as weekday,
  origin,
  destination,
  case when distance < 500 then 'short' when distance < 1000 then 'medium' else 'long' end as distance_band,
  flight.late,
  landed_at
from flight
join origin_lag using (origin, bin)
join network_lag using (bin)
qualify getvariable('rows') is null
  or row_number() over (partition by date::date order by md5(line::varchar)) <= getvariable('rows')
order by date, line;
