export type { DraftShape, DraftSource, FinishReason, MemoryKind } from './addon.js';
export type { Chat, ChatMessage, ChatOptions, ReplyOptions, TemplateOptions } from './chat.js';
export type { Budget } from './correct/budget.js';
export { type Correction, type CorrectionResult, correct } from './correct/correct.js';
export type { CorrectOptions } from './correct/correct-options.js';
export type { Cost } from './correct/cost.js';
export {
	anotherRoundHelps,
	type Cells,
	type CorrectionMeasures,
	correctionMeasures,
	type Estimate,
	type Transition,
} from './correct/evaluation/measures.js';
export type { RoundOutcome } from './correct/evaluation/outcomes.js';
export {
	type CorrectionReport,
	type CorrectionTotal,
	correctionReport,
	type RoundRow,
	type StepSpeed,
} from './correct/evaluation/report.js';
export {
	type Allowance,
	type RunOf,
	type RunTasksOptions,
	runTasks,
	type TaskRun,
} from './correct/evaluation/run-tasks.js';
export { readTasks } from './correct/evaluation/tasks.js';
export {
	type CorrectionTrace,
	correctionTraces,
	type PreferencePair,
	preferencePairs,
} from './correct/evaluation/training-data.js';
export type {
	Answer,
	ChoiceEvent,
	CorrectionEvent,
	DecisionEvent,
	Fault,
	Judgement,
	ResultEvent,
	Statement,
	StatementEvent,
	StepEvent,
	StopReason,
	VerdictEvent,
} from './correct/events.js';
export { type AggregateOptions, aggregate } from './correct/presets/aggregate.js';
export { type AgreeBy, type AgreeOptions, agree, mostAgreed } from './correct/presets/agree.js';
export { type BestOfOptions, bestOf } from './correct/presets/best-of.js';
export { type ConstitutionOptions, constitution } from './correct/presets/constitution.js';
export { type ContradictionsOptions, contradictions } from './correct/presets/contradictions.js';
export {
	type DecomposeCritiqueRefineOptions,
	decomposeCritiqueRefine,
} from './correct/presets/decompose-critique-refine.js';
export {
	type IterativeDeepeningOptions,
	iterativeDeepening,
} from './correct/presets/iterative-deepening.js';
export { type PeersOptions, peers } from './correct/presets/peers.js';
export { plain } from './correct/presets/plain.js';
export { type PlanActJudgeOptions, planActJudge } from './correct/presets/plan-act-judge.js';
export { type SpontaneousOptions, spontaneous } from './correct/presets/spontaneous.js';
export { type ThreeTurnOptions, threeTurn } from './correct/presets/three-turn.js';
export { type VerifierGuidedOptions, verifierGuided } from './correct/presets/verifier-guided.js';
export { printedBy } from './correct/printed-by.js';
export type { Run, StepRequest } from './correct/run.js';
export type { SayOptions } from './correct/say-options.js';
export {
	type JudgeOptions,
	type JudgeQuestion,
	judgeInWords,
	type PTrueOptions,
	pTrue,
} from './correct/self-judge.js';
export type { Speaker, SpeakerSession } from './correct/speaker.js';
export type { OnChunk, StepContext } from './correct/step-context.js';
export type { Steps } from './correct/steps.js';
export {
	RoundEstimates,
	type RoundsSoFar,
	type StoppingRule,
	whenBudgetEnds,
	whenUnchanged,
} from './correct/stopping.js';
export { type Strategy, strategy } from './correct/strategy.js';
export type { Task, Verdict, Verifier, VerifierContext } from './correct/verifier.js';
export * from './correct/verifiers/index.js';
export { RepriseError, type RepriseErrorCode } from './errors.js';
export type { GenerateOptions } from './generate-options.js';
export type { Chunk, Generation, GenerationResult, Segment } from './generation.js';
export type { Metrics } from './metrics.js';
export {
	type DetokenizeOptions,
	type LoadModelOptions,
	loadModel,
	type Model,
	type ModelInfo,
	type TokenizeOptions,
} from './model.js';
export type { PrefillOptions, PrefillResult, Session } from './session.js';
export type { CacheType, SessionOptions } from './session-options.js';
export {
	type LoadTokenizerOptions,
	loadTokenizer,
	type Tokenizer,
	type TokenizerOptions,
} from './tokenizer.js';
export type { TokenInput } from './tokens.js';
