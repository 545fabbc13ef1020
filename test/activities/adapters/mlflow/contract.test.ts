import { randomUUID } from 'node:crypto';
import { createMlflowRegistry } from '../../../../activities/adapters/mlflow/registry.ts';
import { modelRegistryContract } from '../../../contracts/model-registry.ts';
import { mlflowServer } from '../../../servers.ts';

modelRegistryContract('RG1: a real MLflow server', async () => {
  const { uri } = await mlflowServer();
  return createMlflowRegistry({ uri, experiment: `contract-${randomUUID()}` });
});
