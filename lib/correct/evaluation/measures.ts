/** One sample of a question: whether the answer was right before a correction, and after it. */
export interface Transition {
	/**
	 * Whether the answer before was right; null where there was no whole answer yet. Such a sample counts for
	 * the accuracy after alone.
	 */
	readonly before: boolean | null;
	/** Whether the answer after was right. */
	readonly after: boolean;
}

/** A value and its 95 % interval. */
export interface Estimate {
	/** The value. */
	readonly value: number;
	/** The lower end of the interval. */
	readonly low: number;
	/** The upper end of the interval. */
	readonly high: number;
}

/** How many samples there are, by what the correction did to them. */
export interface Cells {
	/** The right answers that stayed right. */
	readonly rightRight: number;
	/** The right answers that became wrong. */
	readonly rightWrong: number;
	/** The wrong answers that became right. */
	readonly wrongRight: number;
	/** The wrong answers that stayed wrong. */
	readonly wrongWrong: number;
}

/** What a correction did to the quality of answers. */
export interface CorrectionMeasures {
	/** The samples by what the correction did to them. */
	readonly cells: Cells;
	/** The accuracy before, as a share of 1. */
	readonly before: Estimate;
	/** The accuracy after, as a share of 1. */
	readonly after: Estimate;
	/** The confidence level CL: the share of right answers that stays right. Null where nothing was right. */
	readonly confidence: Estimate | null;
	/**
	 * The critique score CS: the share of wrong answers that becomes right. Null where everything was right.
	 */
	readonly critique: Estimate | null;
	/**
	 * The relative self-correction score RSS; above 0.5 the correction has helped. Null where nothing or
	 * everything was right before. Its interval takes the accuracy before as it is.
	 */
	readonly relative: Estimate | null;
}

/** The normal distribution's 97.5 % point. */
const z = 1.959964;

/**
 * Measures what a correction did to questions of which each was sampled once or several times.
 *
 * Yang et al., "Confidence v.s. Critique: A Decomposition of Self-Correction Capability for LLMs" (ACL 2025,
 * arXiv 2412.19513), with the averages as in their published code: a question counts once, however often it
 * was sampled. Accuracies, CL and CS have Wilson's intervals (1927) with the samples of one question counted
 * as far as they are independent (Kish's design effect); RSS, a weighted sum of CL and CS, has Zou and
 * Donner's (2008).
 *
 * @param questions - The samples of each question.
 */
export function correctionMeasures(questions: ReadonlyArray<readonly Transition[]>): CorrectionMeasures {
	const sampled = questions.filter((samples) => samples.length > 0);
	const share = (counted: Count, of: Count = () => true) => shareOf(sampled, counted, of);
	const before = share(wasRight, wasWhole) ?? unknown;
	const after = share(isRight) ?? unknown;
	const confidence = share(isRight, wasRight);
	const critique = share(isRight, wasWrong);
	return {
		cells: countCells(sampled.flat()),
		before,
		after,
		confidence,
		critique,
		relative: relativeScore(before.value, confidence, critique),
	};
}

/**
 * Whether another round is expected to raise the accuracy: CS / (1 − CL) > Acc / (1 − Acc), which means that
 * more wrong answers become right than right ones wrong.
 *
 * @param measures - What the rounds before did.
 */
export function anotherRoundHelps({ before, confidence, critique }: CorrectionMeasures): boolean {
	const mended = (1 - before.value) * (critique?.value ?? 0);
	const broken = before.value * (1 - (confidence?.value ?? 1));
	return mended > broken;
}

type Count = (transition: Transition) => boolean;
const wasWhole: Count = ({ before }) => before !== null;
const wasRight: Count = ({ before }) => before === true;
const wasWrong: Count = ({ before }) => before === false;
const isRight: Count = ({ after }) => after;

const unknown: Estimate = { value: 0, low: 0, high: 1 };

export function countCells(transitions: readonly Transition[]): Cells {
	const count = (before: boolean, after: boolean) =>
		transitions.filter((transition) => transition.before === before && transition.after === after).length;
	return {
		rightRight: count(true, true),
		rightWrong: count(true, false),
		wrongRight: count(false, true),
		wrongWrong: count(false, false),
	};
}

/** The share of `counted` among the samples that are `of` it; null where there are none. */
function shareOf(
	questions: ReadonlyArray<readonly Transition[]>,
	counted: Count,
	of: Count,
): Estimate | null {
	const rows = questions.map((samples) => {
		const relevant = samples.filter(of);
		const hits = relevant.filter(counted).length;
		return { hits: hits / samples.length, trials: relevant.length, weight: relevant.length / samples.length };
	});
	const weight = sum(rows.map((row) => row.weight));
	if (weight === 0) return null;
	const value = sum(rows.map((row) => row.hits)) / weight;
	const deviation = sum(rows.map((row) => (row.hits - value * row.weight) ** 2));
	return wilson(value, independentTrials(rows, value, deviation / weight ** 2));
}

/** How many independent trials would tell as much as these, where those of one row may be alike. */
function independentTrials(
	rows: ReadonlyArray<{ trials: number }>,
	value: number,
	deviation: number,
): number {
	const trials = sum(rows.map((row) => row.trials));
	const asked = rows.filter((row) => row.trials > 0).length;
	if (trials === asked) return trials;
	// Where all samples agree, how alike those of a question are cannot be seen.
	if (value < 1e-9 || value > 1 - 1e-9) return asked;
	const variance = (deviation * rows.length) / Math.max(1, rows.length - 1);
	return Math.min(trials, Math.max(1, (value * (1 - value)) / variance));
}

/** Wilson's score interval of a share `value` of `trials`. */
export function wilson(value: number, trials: number): Estimate {
	const spread = z ** 2 / trials;
	const centre = (value + spread / 2) / (1 + spread);
	const half = (z / (1 + spread)) * Math.sqrt((value * (1 - value)) / trials + spread / (4 * trials));
	return {
		value,
		low: value === 0 ? 0 : Math.max(0, centre - half),
		high: value === 1 ? 1 : Math.min(1, centre + half),
	};
}

/** RSS = (Acc₂ − Acc₁²) / (2 · Acc₁ · (1 − Acc₁)), in which Acc₂ = Acc₁ · CL + (1 − Acc₁) · CS. */
function relativeScore(
	accuracy: number,
	confidence: Estimate | null,
	critique: Estimate | null,
): Estimate | null {
	if (!confidence || !critique) return null;
	const ofConfidence = 1 / (2 * (1 - accuracy));
	const ofCritique = 1 / (2 * accuracy);
	const value = ofConfidence * (confidence.value - accuracy) + ofCritique * critique.value;
	const off = (end: 'low' | 'high') =>
		Math.hypot(
			ofConfidence * (confidence[end] - confidence.value),
			ofCritique * (critique[end] - critique.value),
		);
	return { value, low: value - off('low'), high: value + off('high') };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
