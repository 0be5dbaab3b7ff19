/**
 * `reprise`: models, sessions, chats, texts under way and tokenizers.
 *
 * @module reprise
 */

export type { AbortOptions } from './abort.js';
export type { Adapter } from './adapters.js';
export type {
	CacheKind,
	DraftShape,
	DraftSource,
	FinishReason,
} from './addon.js';
export type { Chat, ChatOptions, TemplateOptions } from './chat.js';
export type {
	AssistantMessage,
	ChatMessage,
	ImagePart,
	SystemMessage,
	TextPart,
	ToolCall,
	ToolMessage,
	UserMessage,
} from './chat-message.js';
export { type Device, type Devices, type DevicesOptions, devices } from './devices.js';
export {
	type DownloadedModel,
	type DownloadModelOptions,
	type DownloadProgress,
	downloadModel,
} from './download-model.js';
export type { DraftModelOptions, MtpOptions } from './draft-model-options.js';
export type { EmbedOptions, Pooling, RankOptions } from './embed-options.js';
export { errorCodes, RepriseError, type RepriseErrorCode } from './errors.js';
export type { GenerateOptions } from './generate-options.js';
export type { Chunk, Generation, GenerationResult, Segment } from './generation.js';
export type { HubOptions } from './hub/hub-options.js';
export type { EncodedImage, ImageInput, ImagePixels } from './image-input.js';
export type { ImageOptions } from './image-options.js';
export type { LoadModelOptions, SplitMode } from './load-options.js';
export type { TokenLogprobs, TopLogprob } from './logprobs.js';
export type { Metrics } from './metrics.js';
export {
	type DetokenizeOptions,
	loadModel,
	type Model,
	type ModelInfo,
	type TokenizeOptions,
} from './model.js';
export type { DeviceShare, Placement, SessionPlacement } from './native-devices.js';
export type { DecodeParts } from './native-metrics.js';
export type { PrefillOptions, PrefillResult } from './prefill.js';
export type { JsonSchema } from './schema/json-schema.js';
export type {
	JsonSchemaConverter,
	JsonSchemaTarget,
	SchemaFailure,
	SchemaIssue,
	SchemaPathSegment,
	SchemaResult,
	SchemaSuccess,
	SchemaTypes,
	StandardProperties,
	StandardSchema,
} from './schema/standard-schema.js';
export type { Session } from './session.js';
export type { CacheType, CreateSessionOptions, SessionOptions } from './session-options.js';
export {
	type LoadTokenizerOptions,
	loadTokenizer,
	type Tokenizer,
	type TokenizerOptions,
} from './tokenizer.js';
export type { TokenInput } from './tokens.js';
export {
	type AnyTool,
	type ChatTool,
	type ChatTools,
	type ToolChoice,
	type ToolContext,
	tool,
} from './tools/chat-tool.js';
export type { Reply, ReplyChunk, ReplyDelta, ReplyResult, ToolCallDelta } from './tools/reply.js';
export type { PromptOptions, Reasoning, ReplyOptions, ToolOptions } from './tools/reply-options.js';
