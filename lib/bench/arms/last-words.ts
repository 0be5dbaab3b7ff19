import type { Readable } from 'node:stream';

const length = 2_000;

/** Without what a terminal would obey, such as colours. */
export const printable = (text: string): string =>
	// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are meant.
	text.replace(/\u001b\[[\d;]*[A-Za-z]/g, '').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '�');

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
		const words = printable(this.#text).trim();
		return new Error(`The ${what} ended (${by ?? `exit code ${code}`})${words === '' ? '' : `: ${words}`}`);
	}
}
