/**
 * `reprise/correct`: the self-correction loop, its strategies, and what measures it.
 *
 * @module reprise/correct
 */

export type { Budget } from './budget.js';
export type { ChatHost, ChatLike } from './chat-host.js';
export { type Correction, type CorrectionResult, correct } from './correct.js';
export type { CorrectOptions } from './correct-options.js';
export type { Cost } from './cost.js';
export {
	anotherRoundHelps,
	type Cells,
	type CorrectionMeasures,
	correctionMeasures,
	type Estimate,
	type Transition,
} from './evaluation/measures.js';
export type { RoundOutcome } from './evaluation/outcomes.js';
export {
	type CorrectionReport,
	type CorrectionTotal,
	correctionReport,
	type RoundRow,
	type StepSpeed,
} from './evaluation/report.js';
export { RoundEstimates } from './evaluation/round-estimates.js';
export {
	type Allowance,
	type RunOf,
	type RunTasksOptions,
	runTasks,
	type TaskRun,
} from './evaluation/run-tasks.js';
export { readTasks } from './evaluation/tasks.js';
export {
	type CorrectionTrace,
	correctionTraces,
	type PreferencePair,
	preferencePairs,
} from './evaluation/training-data.js';
export type {
	Answer,
	ChoiceEvent,
	CorrectionEvent,
	DecisionEvent,
	Fault,
	Judgement,
	Reply,
	ReplyEvent,
	ResultEvent,
	StepEvent,
	StopReason,
	VerdictEvent,
} from './events.js';
export { type AggregateOptions, aggregate } from './presets/aggregate.js';
export { type AgreeBy, type AgreeOptions, agree, mostAgreed } from './presets/agree.js';
export { type BestOfOptions, bestOf } from './presets/best-of.js';
export { type ConstitutionOptions, constitution } from './presets/constitution.js';
export { type ContradictionsOptions, contradictions } from './presets/contradictions.js';
export {
	type DecomposeCritiqueRefineOptions,
	decomposeCritiqueRefine,
} from './presets/decompose-critique-refine.js';
export {
	type IterativeDeepeningOptions,
	iterativeDeepening,
} from './presets/iterative-deepening.js';
export { type LookBackOptions, lookBack } from './presets/look-back.js';
export { type PeersOptions, peers } from './presets/peers.js';
export { plain } from './presets/plain.js';
export { type PlanActJudgeOptions, planActJudge } from './presets/plan-act-judge.js';
export { type SpontaneousOptions, spontaneous } from './presets/spontaneous.js';
export { type ThreeTurnOptions, threeTurn } from './presets/three-turn.js';
export { type TreeSearchOptions, treeSearch } from './presets/tree-search.js';
export { type VerifierGuidedOptions, verifierGuided } from './presets/verifier-guided.js';
export { printedBy } from './printed-by.js';
export type { Run, StepRequest } from './run.js';
export {
	type JudgeOptions,
	type JudgeQuestion,
	judgeInWords,
	type PTrueOptions,
	pTrue,
} from './self-judge.js';
export type { OnChunk, StepContext } from './step-context.js';
export type { StepOptions } from './step-options.js';
export type { Steps } from './steps.js';
export {
	type RoundsSoFar,
	type StoppingRule,
	whenBudgetEnds,
	whenUnchanged,
} from './stopping.js';
export { type Strategy, strategy } from './strategy.js';
export type { Fail, Pass, Score, Task, Verdict, Verifier, VerifierContext } from './verifier.js';
