import { modelRegistryContract } from '../contracts/model-registry.ts';
import { createMemoryRegistry } from './memory-registry.ts';

modelRegistryContract('in memory', () => Promise.resolve(createMemoryRegistry()));
