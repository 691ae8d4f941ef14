import { uuidv7 } from 'uuidv7';
import type { IdSource } from '../../application/ports/system';

/** Time-ordered ids: rows made together lie together in an index, and ids sort by age. */
export const timeOrderedIds: IdSource = { uuid: uuidv7 };
