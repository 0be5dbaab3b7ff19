import { questions } from './essays-questions.js';
import { stories } from './essays-stories.js';
import { things } from './essays-things.js';

/** A text that no other text here has anything to do with. */
export interface Essay {
	/** What was asked for, as it goes on after `Write `. */
	readonly ask: string;
	readonly text: string;
}

export const essays: readonly Essay[] = [...stories, ...questions, ...things];
