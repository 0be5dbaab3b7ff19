import { goAndC } from './sources-go-c.js';
import { more } from './sources-more.js';
import { python } from './sources-python.js';
import { typescript } from './sources-typescript.js';

/** A file of a program, and what is to be changed in it. */
export interface SourceFile {
	readonly path: string;
	/** As after the fence of a code block. */
	readonly language: string;
	/** Blocks with a blank line between; `«as it is|as it is once changed»`, `‹a mistake|what is right›`. */
	readonly text: string;
	/** The change in words, as it goes on after `Change it as follows: `. */
	readonly change: string;
	/** Names that are changed throughout, too. */
	readonly renames: ReadonlyArray<readonly [from: string, to: string]>;
	/** What the program is for, where a first version has the mistakes. */
	readonly purpose?: string;
	/** What is wrong with the first version. */
	readonly review?: string;
}

export const sources: readonly SourceFile[] = [...typescript, ...python, ...goAndC, ...more];
