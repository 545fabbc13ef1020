import { createDuckdbDataStore } from '../../../../activities/adapters/duckdb/data-store.ts';
import { dataStoreContract } from '../../../contracts/data-store.ts';

dataStoreContract('DuckDB', (temporaryDirectory) => createDuckdbDataStore({ temporaryDirectory }));
