import type { ChatLike, OpenChat } from './chat-host.js';
import { noCost } from './cost.js';

/**
 * Forks of one chat, opened one after another when they are first spoken in; the first computes their prompt.
 */
export class Forks {
	readonly #parent: OpenChat;
	readonly #signal: AbortSignal;
	readonly #opened: ChatLike[] = [];
	#last: Promise<unknown> = Promise.resolve();

	constructor(parent: OpenChat, signal: AbortSignal) {
		this.#parent = parent;
		this.#signal = signal;
	}

	open(): OpenChat {
		let fork: Promise<ChatLike> | undefined;
		return (messages, spend) => {
			fork ??= this.#inTurn(async () => {
				const parent = await this.#parent(messages, spend);
				if (this.#opened.length === 0) {
					const computed = await parent.prefill(messages, { signal: this.#signal });
					const { promptTokens, reusedTokens, prefillMs } = computed;
					spend({ ...noCost, computedTokens: promptTokens - reusedTokens, prefillMs });
				}
				const opened = await parent.fork();
				this.#opened.push(opened);
				return opened;
			});
			return fork;
		};
	}

	async dispose(): Promise<void> {
		await this.#last.catch(() => {});
		for (const fork of this.#opened) await fork.session.dispose();
	}

	#inTurn<T>(task: () => Promise<T>): Promise<T> {
		const done = this.#last.catch(() => {}).then(task);
		this.#last = done;
		return done;
	}
}
