import { join } from 'node:path';
import { utilityProcess } from 'electron';

/** @import { ModelEvent, Request } from './messages.js' */

/**
 * The process that holds the model. What may end it, a failed assertion, a GPU's driver or a lack of memory, ends
 * neither the app nor its windows: the process is started once more, with the model that it had.
 */
export class ModelProcess {
	/** @type {(event: ModelEvent) => void} */
	#onEvent;
	/** @type {import('electron').UtilityProcess | null} */
	#child = null;
	/** The model that this process is asked to load. */
	#asked = '';
	/** The model that this process has loaded, empty before: a model whose loading ends the process is not tried again. */
	#loaded = '';
	/** Whether the process was started again, and no reply has come to its end since: so it is not started for ever. */
	#restarted = false;

	/** @param {(event: ModelEvent) => void} onEvent */
	constructor(onEvent) {
		this.#onEvent = onEvent;
	}

	/** @param {string} path */
	load(path) {
		this.#restarted = false;
		this.#startWith(path);
	}

	/** @param {string} path */
	#startWith(path) {
		this.#child ??= this.#start();
		this.#asked = path;
		this.#loaded = '';
		this.#post({ type: 'load', path });
	}

	/** @param {string} text */
	send(text) {
		this.#post({ type: 'send', text });
	}

	abort() {
		this.#post({ type: 'abort' });
	}

	/** Ends the process for good. */
	stop() {
		this.#child?.removeAllListeners();
		this.#child?.kill();
		this.#child = null;
	}

	/** @param {Request} request */
	#post(request) {
		this.#child?.postMessage(request);
	}

	#start() {
		const child = utilityProcess.fork(join(import.meta.dirname, 'utility.mjs'), [], { serviceName: 'Model' });
		child.on('message', (/** @type {ModelEvent} */ event) => {
			if (event.type === 'loaded') this.#loaded = this.#asked;
			if (event.type === 'done') this.#restarted = false;
			this.#onEvent(event);
		});
		child.once('exit', (code) => {
			const restarts = this.#loaded !== '' && !this.#restarted;
			this.#child = null;
			this.#onEvent({ type: 'ended', code, restarts });
			if (!restarts) return;
			this.#restarted = true;
			this.#startWith(this.#loaded);
		});
		return child;
	}
}
