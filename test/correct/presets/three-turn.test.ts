import { expect, test } from 'vitest';
import { threeTurn } from '../../../lib/correct/presets/three-turn.js';
import { endsRight, follow } from '../../support/correction.js';
import { ScriptedSession } from '../../support/scripted.js';

test('answers, re-reads and gives the final answer', async () => {
	const session = new ScriptedSession(
		(messages) => ['It is 5', 'That is wrong', 'It is 4'][(messages.length - 1) / 2] as string,
	);
	const { brief, answer, judgement } = await follow(
		session,
		threeTurn({ reread: 'Sure?', final: 'Finally?' }),
		{ verifier: endsRight },
	);
	expect(brief).toEqual([
		'attempt 1: It is 5',
		'critique 2: That is wrong',
		'revision 2: It is 4',
		'result 2: It is 4 (done)',
	]);
	expect({ answer, judgement }).toEqual({ answer: 'It is 4', judgement: undefined });
	expect(session.calls.at(-1)?.asked).toBe(
		'user: What is 2 + 2?\nassistant: It is 5\nuser: Sure?\nassistant: That is wrong\nuser: Finally?',
	);
});

test('goes on from the cache: no turn is computed twice', async () => {
	const session = new ScriptedSession(() => 'It is 5');
	const { cost } = await follow(session, threeTurn({ reread: 'Sure?', final: 'Finally?' }));
	// The question's five words and each request's one, each with the two roles.
	const tokens = 2 + 5 + 2 * (2 + 1);
	expect([session.computed, cost.computedTokens]).toEqual([tokens, tokens]);
});
