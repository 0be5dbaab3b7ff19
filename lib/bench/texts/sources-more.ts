import type { SourceFile } from './sources.js';

/** Files in Rust, Java, C#, Bash and CSS. */
export const more: readonly SourceFile[] = [
	{
		path: 'src/tokenizer.rs',
		language: 'rust',
		text: `
use std::iter::Peekable;
use std::str::Chars;

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Number(f64),
    Name(String),
    Symbol(char),«¦
    Text(String),»
}

pub struct Tokenizer<'a> {
    chars: Peekable<Chars<'a>>,«¦
    line: usize,»
}

impl<'a> Tokenizer<'a> {
    pub fn new(source: &'a str) -> Self {
        Self { chars: source.chars().peekable()«¦, line: 1» }
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(&c) = self.chars.peek() {
            if ‹wanted(c)¦!wanted(c)› {
                break;
            }
            taken.push(c);
            self.chars.next();
        }
        taken
    }

    pub fn next_token(&mut self) -> Result<Option<Token>, String> {
        «self.take_while(char::is_whitespace);¦self.line += self.take_while(char::is_whitespace).matches('\\n').count();»
        let Some(&c) = self.chars.peek() else {
            return Ok(None);
        };
        if c.is_ascii_digit() {
            let digits = self.take_while(|c| c.is_ascii_digit() || c == '.');
            return digits.parse().map(|n| ‹None¦Some(Token::Number(n))›).map_err(|_| «format!("bad number {digits}")¦format!("line {}: bad number {digits}", self.line)»);
        }
        if c.is_alphabetic() || c == '_' {
            return Ok(Some(Token::Name(self.take_while(|c| c.is_alphanumeric() || c == '_'))));
        }
        self.chars.next();
        «¦if c == '"' {
            let text = self.take_while(|c| c != '"');
            return match self.chars.next() {
                Some(_) => Ok(Some(Token::Text(text))),
                None => Err(format!("line {}: text is not closed", self.line)),
            };
        }
        »Ok(Some(Token::Symbol(‹' '¦c›)))
    }
}
`,
		change: 'there are texts in quotation marks, and errors name the line',
		renames: [['take_while', 'consume_while']],
		purpose: 'a tokenizer for numbers, names and single symbols',
		review:
			'The loop stops at the first wanted character instead of the first unwanted one, a number is read but nothing is returned for it, and every symbol becomes a space.',
	},
	{
		path: 'src/stats.rs',
		language: 'rust',
		text: `
/// Mean and variance of a stream of numbers, after Welford.
#[derive(Debug, Default, Clone«¦, Copy»)]
pub struct Running {
    count: u64,
    mean: f64,
    squares: f64,«¦
    min: Option<f64>,
    max: Option<f64>,»
}

impl Running {
    pub fn push(&mut self, value: f64) {
        «¦if value.is_nan() {
            return;
        }
        »self.count += 1;
        let delta = value - self.mean;
        self.mean += delta / self.count as f64;
        self.squares += delta * (value - self.mean);«¦
        self.min = Some(self.min.map_or(value, |m| m.min(value)));
        self.max = Some(self.max.map_or(value, |m| m.max(value)));»
    }

    pub fn mean(&self) -> «f64¦Option<f64>» {
        «self.mean¦(self.count > 0).then_some(self.mean)»
    }

    pub fn variance(&self) -> «f64¦Option<f64>» {
        «if self.count < 2 { 0.0 } else { self.squares / (self.count - 1) as f64 }¦(self.count > 1).then(|| self.squares / (self.count - 1) as f64)»
    }

    pub fn deviation(&self) -> «f64¦Option<f64>» {
        self.variance()«.sqrt()¦.map(f64::sqrt)»
    }

    pub fn merge(&mut self, other: &Running) {
        if other.count == 0 {
            return;
        }
        let total = self.count + other.count;
        let delta = other.mean - self.mean;
        self.squares += other.squares + delta * delta * (self.count * other.count) as f64 / total as f64;
        self.mean += delta * other.count as f64 / total as f64;
        self.count = total;
    }
}
`,
		change:
			'figures of too few numbers are `None`, values that are no numbers are ignored, and there are a minimum and a maximum',
		renames: [
			['squares', 'sum_of_squares'],
			['delta', 'difference'],
		],
	},
	{
		path: 'src/main/java/org/example/Library.java',
		language: 'java',
		text: `
package org.example;

import java.time.LocalDate;
import java.util.*;

public class Library {
    private final Map<String, Book> books = new «HashMap¦LinkedHashMap»<>();
    private final Map<String, Loan> loans = new HashMap<>();
    private final int days;

    public record Book(String isbn, String title, String author«¦, int year») {}

    public record Loan(String isbn, String reader, LocalDate due) {}

    public Library(int days) {
        «this.days = days;¦if (days < 1) throw new IllegalArgumentException("days must be positive");
        this.days = days;»
    }

    public void add(Book book) {
        books.put(book.isbn(), book);
    }

    public Loan lend(String isbn, String reader) {
        if (‹books¦!books›.containsKey(isbn)) throw new NoSuchElementException(isbn);
        if (loans.containsKey(isbn)) throw new IllegalStateException(«isbn + " is lent"¦isbn + " is lent until " + loans.get(isbn).due()»);
        var loan = new Loan(isbn, reader, LocalDate.now().plusDays(days));
        ‹loans.remove(isbn)¦loans.put(isbn, loan)›;
        return loan;
    }

    public «void¦boolean» giveBack(String isbn) {
        «loans.remove(isbn);¦return loans.remove(isbn) != null;»
    }

    public List<Loan> overdue(LocalDate today) {
        return loans.values().stream()
            .filter(loan -> loan.due().‹isAfter¦isBefore›(today))
            .sorted(Comparator.comparing(Loan::due))
            .toList();
    }

    public List<Book> search(String words) {
        var wanted = words.toLowerCase();
        return books.values().stream()
            .filter(book -> book.title().toLowerCase().contains(wanted)« ¦ || book.author().toLowerCase().contains(wanted)»)
            .toList();
    }
}
`,
		change:
			'books have a year and keep their order, the search looks at authors too, and giving back says whether the book was lent',
		renames: [
			['days', 'loanDays'],
			['reader', 'member'],
		],
		purpose:
			'a class for a small library: add books, lend them, give them back, list what is overdue, search',
		review:
			'Lending fails for books that exist, since the condition is the wrong way round; the loan is removed instead of being stored; and a loan is overdue when its date is before today, not after.',
	},
	{
		path: 'Services/PriceService.cs',
		language: 'csharp',
		text: `
using System.Globalization;

namespace Shop.Services;

public sealed class PriceService
{
    private readonly IRateSource _rates;
    private readonly «Dictionary<string, decimal>¦ConcurrentDictionary<string, (decimal Rate, DateTime Until)>» _cache = new();

    public PriceService(IRateSource rates)
    {
        _rates = rates«¦ ?? throw new ArgumentNullException(nameof(rates))»;
    }

    public async Task<decimal> ConvertAsync(decimal amount, string from, string to«¦, CancellationToken cancel = default»)
    {
        if (from == to) return amount;
        var rate = await RateAsync(from, to«¦, cancel»);
        return Math.Round(amount * rate, 2«¦, MidpointRounding.ToEven»);
    }

    private async Task<decimal> RateAsync(string from, string to«¦, CancellationToken cancel»)
    {
        var key = from + "/" + to;
        if (_cache.TryGetValue(key, out var known)«) return known;¦ && known.Until > DateTime.UtcNow) return known.Rate;»
        var rate = await _rates.GetAsync(from, to«¦, cancel»);
        if (rate <= 0) throw new InvalidOperationException("no rate for " + key);
        _cache[key] = «rate¦(rate, DateTime.UtcNow.AddMinutes(10))»;
        return rate;
    }

    public static string Format(decimal amount, string currency, CultureInfo culture)
    {
        var text = amount.ToString("N2", culture);
        return currency switch
        {
            "EUR" => text + " €",
            "USD" => "$" + text,
            "GBP" => "£" + text,«¦
            "CHF" => "CHF " + text,»
            _ => text + " " + currency,
        };
    }
}
`,
		change:
			'rates are kept for ten minutes in a dictionary that threads can share, everything can be cancelled, and there are Swiss francs',
		renames: [['known', 'cached']],
	},
	{
		path: 'scripts/release.sh',
		language: 'bash',
		text: `
#!/usr/bin/env bash
set -euo pipefail

version="\${1:-}"
branch="«master¦main»"

fail() {
  echo "release: $1" >&2
  exit 1
}

[[ "$version" =~ ^[0-9]+\\.[0-9]+\\.[0-9]+«¦(-(alpha|beta)\\.[0-9]+)?»$ ]] || fail "usage: release.sh «1.2.3¦1.2.3 or 1.2.3-beta.1»"
[[ -z "$(git status --porcelain)" ]] || fail "there are changes that are not committed"
[[ "$(git branch --show-current)" == "$branch" ]] || fail "not on $branch"
git rev-parse -q --verify "refs/tags/v$version" > /dev/null && fail "v$version exists"

check() {
  npm ci«¦ --ignore-scripts»
  npm run lint
  npm test«¦
  npm audit --omit=dev»
}

set_version() {
  npm version "$version" --no-git-tag-version
  sed -i "s/^## Unreleased/## Unreleased\\n\\n## $version ($(date +%F))/" CHANGELOG.md
  git add package.json package-lock.json CHANGELOG.md
  git commit -m "«Version¦Release» $version"
  git tag -a "v$version" -m "«Version¦Release» $version"
}

publish() {
  git push origin "$branch" "v$version"
  npm publish --access public«¦ --tag "$([[ "$version" == *-* ]] && echo next || echo latest)"»
}

check
set_version
publish
echo "released v$version"
`,
		change:
			'versions before a release are allowed and get the tag "next", the branch is main, and dependencies are audited',
		renames: [
			['check', 'verify'],
			['publish', 'push_and_publish'],
		],
	},
	{
		path: 'styles/cards.css',
		language: 'css',
		text: `
:root {
  --card-width: «16rem¦18rem»;
  --card-gap: 1rem;
  --accent: «#b4231f¦#0b6e4f»;
  --text: #22211f;
  --muted: #6d6a65;
}

.cards {
  display: grid;
  grid-template-columns: repeat(«3, 1fr¦auto-fill, minmax(var(--card-width), 1fr)»);
  gap: var(--card-gap);
  margin: 0«¦ auto»;
  padding: 0;
  list-style: none;
}

.card {
  display: flex;
  flex-direction: column;
  border: 1px solid «#ddd¦color-mix(in srgb, var(--muted) 30%, transparent)»;
  border-radius: «4px¦0.5rem»;
  overflow: hidden;
  color: var(--text);
  background: white;
}

.card:hover«¦,
.card:focus-within» {
  border-color: var(--accent);
  box-shadow: 0 2px 8px rgb(0 0 0 / 12%);
}

.card-image {
  width: 100%;
  «height: 10rem;¦aspect-ratio: 3 / 2;»
  object-fit: cover;
}

.card-title {
  margin: 0.75rem 1rem 0.25rem;
  font-size: 1.125rem;
  line-height: «1.2¦1.3»;
}

.card-text {
  margin: 0 1rem 1rem;
  color: var(--muted);«¦
  text-wrap: pretty;»
}

.card-link {
  margin: auto 1rem 1rem;
  color: var(--accent);
  text-decoration: «none¦underline»;
}

@media (max-width: «600px¦40rem») {
  .cards {
    grid-template-columns: 1fr;
  }
}
`,
		change:
			'columns follow the width, the accent is green, cards react to the keyboard as they do to the mouse, and links are underlined',
		renames: [['card-text', 'card-summary']],
	},
];
