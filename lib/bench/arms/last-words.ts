import type { Readable } from 'node:stream';

const length = 2_000;

/** The end of what a process says, which tells why it ended. */
export class LastWords {
	#text = '';

	/** `onWords` is called whenever the process says something. */
	hear(stream: Readable | null, onWords: () => void = () => {}): void {
		stream?.setEncoding('utf8').on('data', (text: string) => {
			this.#text = (this.#text + text).slice(-length);
			onWords();
		});
	}

	/** The error that `what` ended, by its exit code or by a signal. */
	endOf(what: string, code: number | null, by: NodeJS.Signals | null): Error {
		const words = this.#text.trim();
		return new Error(`The ${what} ended (${by ?? `exit code ${code}`})${words === '' ? '' : `: ${words}`}`);
	}
}
