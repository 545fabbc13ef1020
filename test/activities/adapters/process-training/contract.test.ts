import { trainingBackendContract } from '../../../contracts/training-backend.ts';
import { shellTraining } from './shell-trainer.ts';

trainingBackendContract('TN4: a shell-script trainer in a process', shellTraining);
