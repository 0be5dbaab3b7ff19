import { createInterface, type Interface, type Key } from 'node:readline';
import { Queue } from '../queue.js';

/** Where the messages of a chat come from. */
export interface Messages extends AsyncIterable<string> {
	/** Asks for the next message. */
	ask(): void;
	/** Takes back what is typed and not sent yet; false where there is nothing of that kind. */
	clear(): boolean;
	/** Ends the messages. */
	close(): void;
}

/**
 * Messages of a stream that is no terminal: its lines, each joined to the next where it ends in a backslash.
 */
export class PipedMessages implements Messages {
	#closed = false;

	ask(): void {}

	clear(): boolean {
		return false;
	}

	close(): void {
		this.#closed = true;
		process.stdin.destroy();
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<string, void, void> {
		let begun = '';
		let goesOn = false;
		try {
			for await (const line of this.#lines()) {
				goesOn = line.endsWith('\\');
				begun += goesOn ? `${line.slice(0, -1)}\n` : line;
				if (goesOn) continue;
				yield begun;
				begun = '';
			}
		} catch (error) {
			// Destroying a stream that is being read is an error to its reader.
			if (!this.#closed) throw error;
			return;
		}
		if (goesOn) yield begun;
	}

	/** Node's own readline also breaks lines at U+2028 and U+2029. */
	async *#lines(): AsyncGenerator<string, void, void> {
		let rest = '';
		for await (const part of process.stdin.setEncoding('utf8') as AsyncIterable<string>) {
			// A line may end in \r, and \r\n may come in two parts.
			const lines = (rest + part).split(/\r\n|\n|\r(?!$)/);
			rest = lines.pop() ?? '';
			yield* lines;
		}
		if (rest !== '') yield rest.replace(/\r$/, '');
	}
}

/** Asks a terminal to put marks around what is pasted, which Node then takes for keys of these names. */
const bracketedPaste = { on: '\x1b[?2004h', off: '\x1b[?2004l', start: 'paste-start', end: 'paste-end' };

/**
 * Messages that are typed in a terminal. What is pasted is one message with what is typed around it, whatever
 * its lines.
 */
export class TypedMessages implements Messages {
	readonly #lines: Interface;
	readonly #messages = Queue.ofValues<string>();
	readonly #pastes = process.env.TERM !== 'dumb';
	/** The lines before the one that is being typed. */
	#begun = '';
	#isPasting = false;

	/** `onInterrupt` is called for Ctrl-C, which a terminal that sends single keys gives no signal for. */
	constructor(onInterrupt: () => void) {
		this.#lines = createInterface({
			input: process.stdin,
			output: process.stderr,
			terminal: true,
			prompt: '> ',
		});
		this.#lines.on('line', (line) => this.#take(line));
		this.#lines.on('SIGINT', onInterrupt);
		this.#lines.once('close', () => {
			process.stdin.off('keypress', this.#onKey);
			if (this.#pastes) process.stderr.write(bracketedPaste.off);
			this.#messages.end();
		});
		// A terminal that is gone sends no more.
		process.stdin.on('error', () => this.close());
		process.stdin.on('keypress', this.#onKey);
		if (this.#pastes) process.stderr.write(bracketedPaste.on);
	}

	ask(): void {
		this.#lines.prompt();
	}

	clear(): boolean {
		if (this.#begun === '' && this.#lines.line === '') return false;
		this.#begun = '';
		// To the end of the line, and delete all before it.
		for (const name of ['e', 'u']) this.#lines.write(null, { ctrl: true, name });
		this.#lines.prompt();
		return true;
	}

	close(): void {
		this.#lines.close();
	}

	[Symbol.asyncIterator](): AsyncIterator<string> {
		return this.#messages[Symbol.asyncIterator]();
	}

	readonly #onKey = (_: unknown, { name }: Key): void => {
		if (name === bracketedPaste.start) this.#isPasting = true;
		if (name === bracketedPaste.end) this.#isPasting = false;
	};

	#take(line: string): void {
		const goesOn = line.endsWith('\\');
		if (this.#isPasting) this.#begun += `${line}\n`;
		else if (goesOn) this.#begun += `${line.slice(0, -1)}\n`;
		else {
			// Text that is pasted often ends with an end of line.
			this.#messages.push((this.#begun + line).replace(/(?<!\n)\n+$/, ''));
			this.#begun = '';
		}
	}
}
