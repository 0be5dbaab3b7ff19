import type { SharedV4Warning } from '@ai-sdk/provider';

/** Tells that a setting has no effect here. */
export function unsupported(feature: string, details: string): SharedV4Warning {
	return { type: 'unsupported', feature, details };
}
