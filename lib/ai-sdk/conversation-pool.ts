import { unlessStopped } from '../abort.js';
import type { Chat } from '../chat.js';
import type { ChatMessage } from '../chat-message.js';
import { isRepriseError, RepriseError } from '../errors.js';
import { sharedLength, writtenLength } from './conversation-overlap.js';

/** A chat that nobody else uses until it is given back. */
export interface Lease {
	readonly chat: Chat;
	release(): void;
}

interface Place {
	readonly chat: Chat;
	isFree: boolean;
	/** When it was given back last, as a count of leases. */
	usedAt: number;
}

/**
 * The sessions of a model, each with the conversation that its cache holds. Who asks with a whole conversation gets the
 * session that has the most of it, so that what it said before is not computed again. Sessions are made when they are
 * needed, up to a number; beyond it callers wait for each other, in their order.
 */
export class ConversationPool {
	readonly #open: () => Promise<Chat>;
	readonly #places: Place[] = [];
	#most: number;
	#leases = 0;
	/** One caller at a time looks for a session; the others wait for it. */
	#turn: Promise<unknown> = Promise.resolve();
	#wake: () => void = () => {};
	#isDisposed = false;

	/** `open` makes a session with an empty conversation; there are at most `most` of them. */
	constructor(open: () => Promise<Chat>, most: number) {
		this.#open = open;
		this.#most = most;
	}

	/** How many sessions there are. */
	get size(): number {
		return this.#places.length;
	}

	/**
	 * A session to reply to these messages in. Rejects with what making a session rejects with, with `DISPOSED`, and with
	 * the signal's reason.
	 */
	async lease(messages: readonly ChatMessage[], signal?: AbortSignal): Promise<Lease> {
		signal?.throwIfAborted();
		const stop = signal ?? new AbortController().signal;
		const found = this.#turn.then(() => this.#find(messages, stop));
		this.#turn = found.catch(() => {});
		const lease = await unlessStopped(found, stop);
		if (lease) return lease;
		found.then(
			(late) => late?.release(),
			() => {},
		);
		throw stop.reason;
	}

	/** Aborts what is under way and frees all sessions. */
	async dispose(): Promise<void> {
		this.#isDisposed = true;
		this.#wake();
		await this.#turn;
		await Promise.all(this.#places.splice(0).map(({ chat }) => chat.session.dispose()));
	}

	async #find(messages: readonly ChatMessage[], stop: AbortSignal): Promise<Lease | null> {
		for (;;) {
			if (this.#isDisposed)
				throw new RepriseError('DISPOSED', 'The provider was disposed; make another with createReprise');
			if (stop.aborted) return null;
			// Nothing is awaited between the last look and the wait, so that no release is missed.
			const place = this.#choose(messages) ?? (await this.#grow()) ?? this.#choose(messages);
			if (place) return this.#take(place);
			await unlessStopped(new Promise<void>((resolve) => (this.#wake = resolve)), stop);
		}
	}

	/**
	 * The free session that has the most of the conversation, if that is at least half of what it holds: one that has
	 * less belongs to another conversation, which may go on, and is taken only where no session can be added.
	 */
	#choose(messages: readonly ChatMessage[]): Place | undefined {
		const free = this.#places.filter(({ isFree }) => isFree);
		const shared = (place: Place) => sharedLength(place.chat.messages, messages);
		const going = free
			.filter((place) => 2 * shared(place) >= writtenLength(place.chat.messages))
			.sort((one, other) => shared(other) - shared(one));
		if (going.length > 0 || this.#places.length < this.#most) return going[0];
		return free.sort((one, other) => one.usedAt - other.usedAt)[0];
	}

	/** Adds a session, where there may be one more and the memory is there. */
	async #grow(): Promise<Place | undefined> {
		if (this.#places.length >= this.#most) return undefined;
		try {
			const place = { chat: await this.#open(), isFree: true, usedAt: 0 };
			this.#places.push(place);
			return place;
		} catch (error) {
			const isFull = isRepriseError(error) && error.code === 'OUT_OF_MEMORY' && this.#places.length > 0;
			if (!isFull) throw error;
			this.#most = this.#places.length;
			return undefined;
		}
	}

	#take(place: Place): Lease {
		place.isFree = false;
		let isOut = true;
		const release = () => {
			if (!isOut) return;
			isOut = false;
			place.isFree = true;
			place.usedAt = ++this.#leases;
			this.#wake();
		};
		return { chat: place.chat, release };
	}
}
