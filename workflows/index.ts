export { retrainModel } from './retrain-model.ts';
export { rollOutModel } from './roll-out-model.ts';
export { triggerRetraining } from './trigger-retraining.ts';
export { watchModel } from './watch-model.ts';
