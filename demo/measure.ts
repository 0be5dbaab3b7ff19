import { Progress } from '../lib/cli/progress.js';
import type { Task } from '../lib/correct/index.js';
import { editEveryWay } from './edits.js';
import type { Talk } from './held-out.js';
import { page } from './page.js';
import { byItself, solveEveryWay, withVerifier } from './problems.js';
import { countSame } from './same-texts.js';
import type { Stage } from './stage.js';
import { roundTable, turnTable } from './tables.js';
import { editTurns, threeTurns } from './turns.js';

/** Does everything with drafts and without, and prints what both give. */
export async function measureAll(
	stage: Stage,
	problems: readonly Task[],
	edits: readonly Talk[],
): Promise<void> {
	const solve = (strategy: typeof withVerifier) =>
		counted(problems.length, (onDone) => solveEveryWay(stage, problems, strategy, onDone));

	page.title(`${problems.length} word problems, solved with a verifier`);
	const verified = await solve(withVerifier);
	page.line(roundTable(verified));
	page.line('CL: how much of what was right stays right. CS: how much of what was wrong becomes right.');

	page.title('The same problems, reconsidered by the model alone');
	const alone = await solve(byItself);
	page.line(roundTable(alone));

	page.title(
		`Turn by turn: these, and ${edits.length} texts, programs and JSON values that are edited three times`,
	);
	const edited = await counted(edits.length, (onDone) => editEveryWay(stage, edits, onDone));
	page.line(turnTable([...threeTurns(alone), ...editTurns(edited)]));

	const runs = { auto: [...verified.auto, ...alone.auto], off: [...verified.off, ...alone.off] };
	const [same, all] = countSame(runs, edited);
	page.line();
	page.line(`With drafts and without, ${same} of ${all} texts are the same.`);
	page.line(
		'16 drafted: tokens per pass where so many are, as on a machine that verifies many at little cost.',
	);
	page.line('Speeds are those of decoding on one thread, each problem and edit every way in turn.');
}

/** Shows how far it is. */
async function counted<T>(total: number, work: (onDone: () => void) => Promise<T>): Promise<T> {
	const progress = new Progress('measuring', 'done');
	let done = 0;
	try {
		return await work(() => progress.update(++done, total));
	} finally {
		progress.stop();
	}
}
