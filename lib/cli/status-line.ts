import { createColors } from 'picocolors';
import { hasColors } from './drafts.js';

/**
 * Escape sequences of ECMA-48 and the VT100: index moves down and scrolls at the bottom, keeping the column.
 */
const index = '\x1bD';
const up = '\x1b[1A';
const save = '\x1b7';
const restore = '\x1b8';
const eraseBelow = '\x1b[J';
const redrawMs = 100;

/** A line under text that is still being written, on terminals only. */
export class StatusLine {
	readonly #enabled = Boolean(process.stdout.isTTY && process.stderr.isTTY && process.env.TERM !== 'dumb');
	readonly #dim = createColors(hasColors(process.stdout)).dim;
	#shown = false;
	#line = '';
	#drawnAt = 0;

	/**
	 * Draws `line` below the cursor, which stays where it is; the line's own text changes ten times a second at
	 * most.
	 */
	show(line: string): void {
		if (!this.#enabled) return;
		const now = performance.now();
		if (now - this.#drawnAt >= redrawMs) {
			this.#line = line;
			this.#drawnAt = now;
		}
		process.stdout.write(`${index}${up}${save}${index}\r${this.#dim(this.#line)}${restore}`);
		this.#shown = true;
	}

	/** Must come before more text is written. */
	clear(): void {
		if (this.#shown) process.stdout.write(eraseBelow);
		this.#shown = false;
	}
}
