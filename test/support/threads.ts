import { availableParallelism } from 'node:os';

/** Two CPU threads, or one where this process may use one processor alone: sessions take no more than there are. */
export const twoThreads = Math.min(2, availableParallelism());
