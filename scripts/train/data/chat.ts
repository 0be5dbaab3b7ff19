export interface Turn {
	role: 'user' | 'assistant';
	text: string;
	/** Whether the model learns to say it: users' turns and deliberately wrong answers are context only. */
	learn: boolean;
}

export type Task =
	| 'copy'
	| 'solve'
	| 'review'
	| 'repair'
	| 'text'
	| 'code'
	| 'json'
	| 'question'
	| 'paragraph';

/** A conversation to train on or to test with. */
export interface Chat {
	task: Task;
	turns: Turn[];
	/** What the last program should print, where there is one. */
	answer?: number;
}

export const user = (text: string): Turn => ({ role: 'user', text, learn: false });
export const assistant = (text: string): Turn => ({ role: 'assistant', text, learn: true });
export const mistaken = (text: string): Turn => ({ role: 'assistant', text, learn: false });
