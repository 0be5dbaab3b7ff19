import type { Chat } from '../chat.js';
import type { ChatMessage } from '../chat-message.js';
import { isRepriseError } from '../errors.js';
import type { GenerateOptions } from '../generate-options.js';
import type { Generation } from '../generation.js';
import type { PrefillResult } from '../prefill.js';
import type { Session } from '../session.js';
import type { TokenInput } from '../tokens.js';

/** What is to be replied to: a conversation, or a text that goes on. */
export type Prompt =
	| { readonly kind: 'chat'; readonly messages: readonly ChatMessage[] }
	| { readonly kind: 'text'; readonly text: TokenInput };

/** A session whose cache is kept for prompts that begin alike. It generates nothing. */
interface Kept {
	readonly session: Session;
	/** The session's conversation. */
	readonly chat: Chat;
	/** What the cache holds, as a text: prompts with a long beginning in common have so here. */
	readonly key: string;
}

/** A fork in which a reply is generated. */
export interface Branch {
	generate<Output>(options: GenerateOptions<Output>): Generation<Output>;
}

/** The forks of a request, all after the same prompt. */
export interface Lease {
	readonly branches: readonly Branch[];
	/** What the prompt cost. */
	readonly prompt: PrefillResult;
	/**
	 * Gives the forks back. The first one is kept with its reply, for the next turn of the conversation.
	 *
	 * @param reply - The first branch's whole reply; undefined where it was cut short.
	 */
	release(reply: string | undefined): Promise<void>;
}

/**
 * The conversations of a server. All are forks of one session, so that they share the cache of what they have in
 * common, and the passes of what is generated at the same time. A prompt is computed in whichever fork has the
 * longest beginning in common with it. The one used longest ago is given up where there are too many, or where the
 * context has no room.
 */
export class Conversations {
	readonly #root: Chat;
	readonly #most: number;
	/** The one used last is the last one. */
	#kept: Kept[] = [];
	#leases = 0;
	#turn: Promise<unknown> = Promise.resolve();
	#released = withoutResult();

	/**
	 * @param root - A conversation in an empty session, which stays the caller's.
	 * @param most - How many are kept.
	 */
	constructor(root: Chat, most: number) {
		this.#root = root;
		this.#most = most;
	}

	/**
	 * Computes a prompt and makes forks after it. Rejects as `session.prefill` and `session.fork` do.
	 *
	 * @param prompt - What is replied to.
	 * @param count - How many replies there are.
	 * @param signal - Ends the call.
	 */
	async lease(prompt: Prompt, count: number, signal: AbortSignal): Promise<Lease> {
		const key = keyOf(prompt);
		const { base, computed, forks } = await this.#inTurn(() => this.#open(prompt, key, count, signal));
		this.#leases++;
		const branches = forks.map((chat) => ({
			generate: <Output>(options: GenerateOptions<Output>) =>
				prompt.kind === 'chat'
					? chat.reply<Output>(prompt.messages, options)
					: chat.session.generate<Output>(prompt.text, options),
		}));
		let isReleased = false;
		const release = async (reply: string | undefined): Promise<void> => {
			if (isReleased) return;
			isReleased = true;
			this.#leases--;
			const [first, ...others] = forks;
			const idle = reply === undefined ? forks : others;
			if (reply !== undefined && first) {
				this.#kept.push({ session: first.session, chat: first, key: extendedKey(prompt, key, reply) });
				// What it holds begins with what the prompt's own session does.
				if (this.#kept.includes(base)) idle.push(this.#remove(base).chat);
			}
			await Promise.all(idle.map(({ session }) => session.dispose()));
			await this.#shrink(this.#most);
			this.#released.resolve();
			this.#released = withoutResult();
		};
		return { branches, prompt: computed, release };
	}

	/** Frees all that is kept. */
	async dispose(): Promise<void> {
		await this.#shrink(0);
	}

	async #open(prompt: Prompt, key: string, count: number, signal: AbortSignal) {
		for (;;) {
			signal.throwIfAborted();
			try {
				return await this.#tryOpen(prompt, key, count, signal);
			} catch (error) {
				if (!isWantOfRoom(error)) throw error;
				// What the prompt begins like is the last one by now.
				if (this.#kept.length > 0) await this.#shrink(this.#kept.length - 1);
				else if (this.#leases > 0) await aborting(this.#released.promise, signal);
				else throw error;
			}
		}
	}

	async #tryOpen(prompt: Prompt, key: string, count: number, signal: AbortSignal) {
		const { begun, from } = await this.#begin(key);
		const forks: Chat[] = [];
		try {
			const { chat, session } = begun;
			const computed =
				prompt.kind === 'chat'
					? await chat.prefill(prompt.messages, { signal })
					: await session.prefill(prompt.text, { signal });
			while (forks.length < count) forks.push(await chat.fork({ signal }));
			this.#kept.push(begun);
			return { base: begun, computed, forks };
		} catch (error) {
			await Promise.all(forks.map(({ session }) => session.dispose()));
			// What was computed of the prompt serves the next one that begins alike.
			if (from) this.#kept.push(from);
			else await begun.session.dispose();
			throw error;
		}
	}

	/**
	 * What has the longest beginning in common: itself (`from`, which is kept no more) where the prompt only adds to
	 * it, else a fork of it.
	 */
	async #begin(key: string): Promise<{ begun: Kept; from?: Kept }> {
		const shared = this.#kept.map((kept) => sharedLength(kept.key, key));
		const most = Math.max(0, ...shared);
		const best = this.#kept[shared.indexOf(most)];
		if (!best || most === 0) return { begun: await this.#forked(this.#root, key) };
		this.#remove(best);
		if (most === best.key.length) return { begun: { ...best, key }, from: best };
		this.#kept.push(best);
		return { begun: await this.#forked(best.chat, key) };
	}

	async #forked(chat: Chat, key: string): Promise<Kept> {
		const fork = await chat.fork();
		return { session: fork.session, chat: fork, key };
	}

	#remove(kept: Kept): Kept {
		this.#kept = this.#kept.filter((other) => other !== kept);
		return kept;
	}

	/** Gives up those used longest ago, until there are no more than `most`. */
	async #shrink(most: number): Promise<void> {
		const given = this.#kept.splice(0, Math.max(0, this.#kept.length - most));
		await Promise.all(given.map(({ session }) => session.dispose()));
	}

	#inTurn<T>(task: () => Promise<T>): Promise<T> {
		const done = this.#turn.catch(() => {}).then(task);
		this.#turn = done;
		return done;
	}
}

/** Messages one after another, so that a conversation that goes on begins with what it was. */
function keyOf(prompt: Prompt): string {
	if (prompt.kind === 'chat')
		return `chat\0${prompt.messages.map((message) => JSON.stringify(message)).join('\0')}`;
	return typeof prompt.text === 'string' ? `text\0${prompt.text}` : `tokens\0${prompt.text.join(' ')}`;
}

function extendedKey(prompt: Prompt, key: string, reply: string): string {
	if (prompt.kind === 'chat')
		return keyOf({ kind: 'chat', messages: [...prompt.messages, { role: 'assistant', content: reply }] });
	return typeof prompt.text === 'string' ? key + reply : key;
}

function sharedLength(a: string, b: string): number {
	const most = Math.min(a.length, b.length);
	let length = 0;
	while (length < most && a[length] === b[length]) length++;
	return length;
}

const isWantOfRoom = (error: unknown): boolean =>
	isRepriseError(error) && (error.code === 'CONTEXT_OVERFLOW' || error.code === 'SEQUENCES_EXHAUSTED');

function withoutResult(): { promise: Promise<void>; resolve: () => void } {
	let resolve = () => {};
	const promise = new Promise<void>((settle) => {
		resolve = settle;
	});
	return { promise, resolve };
}

/** Waits for `promise`, unless `signal` is aborted before. */
function aborting(promise: Promise<void>, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const abort = () => reject(signal.reason);
		signal.addEventListener('abort', abort, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
	});
}
