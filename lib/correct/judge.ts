import { messageOf } from '../errors.js';
import { withResolvers } from '../with-resolvers.js';
import { isStopped } from './budget.js';
import type { Fault, Judgement } from './events.js';
import type { Verdict } from './verifier.js';

/**
 * UTF-16 units of a message that are kept: a model's context is short, and what matters stands at both ends.
 */
const longestMessage = 4000;

/**
 * The verdict that `verify` gives within `timeoutMs`, or the fault that kept it from one. Its signal fires on
 * the timeout and with `signal`; then this rejects with the signal's reason. What a verifier writes is cut to
 * its first and last 2,000 characters.
 */
export async function judge(
	verify: (signal: AbortSignal) => Verdict | Promise<Verdict>,
	timeoutMs: number,
	signal: AbortSignal,
): Promise<Judgement> {
	signal.throwIfAborted();
	const ended = new AbortController();
	const { promise: interrupted, reject, resolve } = withResolvers<Fault>();
	const abort = () => reject(signal.reason);
	signal.addEventListener('abort', abort, { once: true });
	const timer = setTimeout(
		() => resolve(fault('timeout', `There was no verdict within ${timeoutMs} ms`)),
		timeoutMs,
	);
	const asked = (async () => verify(ended.signal))().then(readVerdict, (error: unknown) => {
		if (isStopped(error)) throw error;
		return fault('threw', messageOf(error));
	});
	try {
		return await Promise.race([asked, interrupted]);
	} finally {
		clearTimeout(timer);
		signal.removeEventListener('abort', abort);
		ended.abort();
	}
}

function readVerdict(value: unknown): Judgement {
	if (typeof value !== 'object' || value === null) return invalid(value);
	const { outcome, message, score } = value as Record<string, unknown>;
	if (message !== undefined && typeof message !== 'string') return invalid(value);
	if (score !== undefined && !Number.isFinite(score)) return invalid(value);
	const rest = {
		...(message !== undefined && { message: clip(message) }),
		...(score !== undefined && { score: score as number }),
	};
	if (outcome === 'pass') return { outcome, ...rest };
	if (outcome === 'fail' && message !== undefined) return { outcome, ...rest, message: clip(message) };
	if (outcome === 'score' && score !== undefined) return { outcome, ...rest, score: score as number };
	return invalid(value);
}

function invalid(value: unknown): Fault {
	let shown: string;
	try {
		shown = JSON.stringify(value) ?? String(value);
	} catch {
		shown = String(value);
	}
	return fault(
		'invalid',
		`Expected a verdict { outcome: 'pass' }, { outcome: 'fail', message } or { outcome: 'score', score } but received ${shown}`,
	);
}

function fault(kind: Fault['fault'], message: string): Fault {
	return { outcome: 'none', fault: kind, message: clip(message) };
}

/** Also well-formed, since it may go into a prompt. */
function clip(message: string): string {
	const half = longestMessage / 2;
	const left = message.length - longestMessage;
	const clipped =
		left > 0
			? `${message.slice(0, half)}\n… (${left} characters left out) …\n${message.slice(-half)}`
			: message;
	return clipped.replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}
