import { planning } from './conversations-planning.js';
import { technical } from './conversations-technical.js';
import { writing } from './conversations-writing.js';

/** What a user and an assistant said, in turns. */
export interface Talk {
	readonly topic: string;
	readonly turns: ReadonlyArray<{ readonly user: string; readonly assistant: string }>;
}

/** Conversations that are written for this, as people have them with an assistant. */
export const talks: readonly Talk[] = [...writing, ...technical, ...planning];
