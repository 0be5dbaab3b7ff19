// @ts-check
/** @import { ModelEvent, Segment } from '../messages.js' */

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 */
function element(id, type) {
	const found = document.getElementById(id);
	if (!(found instanceof type)) throw new Error(`The page has no ${id}`);
	return found;
}

const model = element('model', HTMLElement);
const progress = element('progress', HTMLProgressElement);
const choose = element('choose', HTMLButtonElement);
const talk = element('talk', HTMLElement);
const form = element('form', HTMLFormElement);
const text = element('text', HTMLTextAreaElement);
const send = element('send', HTMLButtonElement);
const stop = element('stop', HTMLButtonElement);
const status = element('status', HTMLElement);

/**
 * The reply that is being written.
 * @type {HTMLElement | null}
 */
let reply = null;

/** @param {'none' | 'loading' | 'ready' | 'writing'} state */
function show(state) {
	progress.hidden = state !== 'loading';
	choose.disabled = state === 'loading';
	text.disabled = state === 'none' || state === 'loading';
	send.disabled = state !== 'ready';
	send.hidden = state === 'writing';
	stop.hidden = state !== 'writing';
	if (state !== 'writing') reply = null;
	if (state === 'ready') text.focus();
}

/**
 * @param {'user' | 'assistant' | 'notice'} kind
 * @param {string} content
 */
function add(kind, content = '') {
	const message = document.createElement('p');
	message.className = kind;
	message.textContent = content;
	talk.append(message);
	message.scrollIntoView({ block: 'end' });
	return message;
}

/** @param {Segment} segment */
function write({ text, drafted }) {
	const last = reply?.lastChild;
	if (!last) text = text.trimStart();
	if (text === '') return;
	// What is drafted in one piece is marked in one piece.
	if (last && (last.nodeName === 'MARK') === drafted) last.appendChild(document.createTextNode(text));
	else {
		const part = document.createElement(drafted ? 'mark' : 'span');
		part.textContent = text;
		reply?.append(part);
	}
}

/** @param {number} speed */
const perSecond = (speed) => (speed > 0 ? `${speed.toFixed(speed < 100 ? 1 : 0)} tokens/s` : '');

/** @type {{ [Type in ModelEvent['type']]: (event: Extract<ModelEvent, { type: Type }>) => void }} */
const on = {
	loading({ name, fraction }) {
		show('loading');
		model.textContent = `Loading ${name}`;
		progress.value = fraction;
	},
	loaded({ name, description }) {
		show('ready');
		model.textContent = `${name} (${description})`;
	},
	chunk({ segments, tokensPerSecond }) {
		segments.forEach(write);
		reply?.scrollIntoView({ block: 'end' });
		status.textContent = perSecond(tokensPerSecond);
	},
	done({ tokens, tokensPerSecond, tokensPerPass, drafted, accepted }) {
		show('ready');
		status.textContent = [
			`${tokens} tokens`,
			perSecond(tokensPerSecond),
			`${tokensPerPass.toFixed(2)} tokens per pass`,
			`${accepted} of ${drafted} drafted tokens accepted`,
		].join(' · ');
	},
	failed({ message }) {
		add('notice', message);
		if (reply) show('ready');
		else forget();
	},
	ended({ code, restarts }) {
		const then = restarts
			? 'It was started again, and the conversation begins anew.'
			: 'Choose another model, or this one once more.';
		add('notice', `The model's process ended with code ${code}. ${then}`);
		forget();
	},
};

function forget() {
	show('none');
	model.textContent = 'No model is loaded';
	status.textContent = '';
}

window.reprise.onEvent((event) => /** @type {(event: ModelEvent) => void} */ (on[event.type])(event));

choose.addEventListener('click', () => window.reprise.chooseModel());
stop.addEventListener('click', () => window.reprise.abort());
text.addEventListener('keydown', (event) => {
	if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
	event.preventDefault();
	form.requestSubmit();
});
form.addEventListener('submit', (event) => {
	event.preventDefault();
	const message = text.value.trim();
	if (message === '' || send.disabled) return;
	add('user', message);
	reply = add('assistant');
	text.value = '';
	show('writing');
	window.reprise.send(message);
});
forget();
