import { type GGUFTypedMetadata, GGUFValueType } from '@huggingface/gguf';

/** A metadata value with its GGUF type, as `@huggingface/gguf` reads and writes them. */
export type MetadataEntry = GGUFTypedMetadata[string];
export type Metadata = Record<string, MetadataEntry>;

export const text = (value: string): MetadataEntry => ({ value, type: GGUFValueType.STRING });
export const count = (value: number): MetadataEntry => ({ value, type: GGUFValueType.UINT32 });
export const real = (value: number): MetadataEntry => ({ value, type: GGUFValueType.FLOAT32 });
export const flag = (value: boolean): MetadataEntry => ({ value, type: GGUFValueType.BOOL });
export const flags = (value: boolean[]): MetadataEntry => ({
	value,
	type: GGUFValueType.ARRAY,
	subType: GGUFValueType.BOOL,
});
export const reals = (value: number[]): MetadataEntry => ({
	value,
	type: GGUFValueType.ARRAY,
	subType: GGUFValueType.FLOAT32,
});
export const counts = (value: number[]): MetadataEntry => ({
	value,
	type: GGUFValueType.ARRAY,
	subType: GGUFValueType.UINT32,
});
export const integers = (value: number[]): MetadataEntry => ({
	value,
	type: GGUFValueType.ARRAY,
	subType: GGUFValueType.INT32,
});
