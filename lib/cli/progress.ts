import { createRequire } from 'node:module';
import type cliProgress from 'cli-progress';

const require = createRequire(import.meta.url);

/**
 * A bar on standard error that goes away when it is full; nothing where that is no terminal that moves its
 * cursor.
 */
export class Progress {
	readonly #bar: cliProgress.SingleBar | null;

	constructor(label: string, unit: string) {
		this.#bar = process.stderr.isTTY && process.env.TERM !== 'dumb' ? newBar(label, unit) : null;
	}

	/** `note` stands behind the numbers. */
	update(done: number, total: number, note = ''): void {
		if (!this.#bar) return;
		if (!this.#bar.isActive) this.#bar.start(total, done, { note });
		this.#bar.setTotal(total);
		this.#bar.update(done, { note });
		if (done >= total) this.#bar.stop();
	}

	/** Takes the bar away, whether it is full or not. */
	stop(): void {
		if (this.#bar?.isActive) this.#bar.stop();
	}
}

/** Loads the package first, which takes longer than a small model: where no bar is shown, nobody waits for it. */
function newBar(label: string, unit: string): cliProgress.SingleBar {
	const { SingleBar }: typeof cliProgress = require('cli-progress');
	return new SingleBar({
		format: `${label} {bar} {value}/{total} ${unit}{note}`,
		barCompleteChar: '━',
		barIncompleteChar: '─',
		barsize: 30,
		clearOnComplete: true,
		hideCursor: true,
		stream: process.stderr,
	});
}
