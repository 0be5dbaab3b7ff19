import type { Model } from '../../../lib/model.js';
import type { Choices } from '../choices.js';
import { Family } from './family.js';
import { Generations } from './generations.js';
import { Histories } from './histories.js';
import { type Cache, type Member, type Operation, operations, type Tally } from './kinds.js';
import type { References } from './oracle.js';

/** Operations on one family of sessions, chosen at random. */
export class Round {
	private readonly family: Family;
	private readonly histories: Histories;
	private readonly generations: Generations;

	constructor(
		model: Model,
		cache: Cache,
		choices: Choices,
		references: References,
		folder: string,
		private readonly tally: Tally,
		onOperation?: (text: string) => void,
	) {
		this.family = new Family(model, cache, choices, references, tally, onOperation);
		this.histories = new Histories(this.family, folder);
		this.generations = new Generations(this.family);
	}

	/** What was done so far, a line each. */
	get log(): readonly string[] {
		return this.family.log;
	}

	async play(count: number): Promise<void> {
		await this.family.begin();
		try {
			await this.histories.prefill(this.family.members[0] as Member);
			for (let i = 0; i < count; i++) {
				await this.operate();
				this.tally.operations++;
			}
			for (const member of this.family.members) await this.generations.generate([member]);
		} finally {
			await this.family.dispose();
		}
	}

	private async operate(): Promise<void> {
		const member = this.family.choices.of(this.family.members);
		// Such a session is of use again once it has a history of its own.
		if (!member.comparable && this.family.choices.chance(60)) return this.histories.reset(member);
		let left = this.family.choices.below(Object.values(operations).reduce((sum, share) => sum + share, 0));
		const [operation] = Object.entries(operations).find(([, share]) => {
			left -= share;
			return left < 0;
		}) as [Operation, number];
		await this.one(operation, member);
	}

	private async one(operation: Operation, member: Member): Promise<void> {
		switch (operation) {
			case 'generate':
				return this.generations.generate([member]);
			case 'generate at once':
				return this.generations.generate(this.family.members);
			case 'generate beside':
				return this.generateBeside(member);
			case 'append':
				return this.histories.append(member);
			case 'prefill':
				return this.histories.prefill(member);
			case 'rollback':
				return this.histories.rollback(member);
			case 'fork':
				return this.histories.fork(member);
			case 'drop':
				return this.histories.drop(member);
			case 'save':
				return this.histories.save(member);
			case 'load':
				return this.histories.load(member);
			case 'abort':
				return this.generations.abort(member);
			case 'abort prompt':
				return this.generations.abortPrompt(member);
		}
	}

	/** A generation while something else is done to another member. */
	private async generateBeside(member: Member): Promise<void> {
		const others = this.family.members.filter((other) => other !== member);
		if (others.length === 0 || this.family.filling !== 'roomy') return;
		const other = this.family.choices.of(others);
		const operation = this.family.choices.of([
			'append',
			'prefill',
			'rollback',
			'fork',
			'drop',
			'save',
			'load',
		] as const);
		// Its generation is planned before the other changes, and read after.
		const generating = this.generations.generate([member]);
		await this.one(operation, other);
		await generating;
	}
}
