import type { Language } from './filler.ts';

const CODE: Record<string, string> = {
  python: 'def greet(name: str) -> str:\n    return f"Hello, {name}!"\n\n\nprint(greet("world"))',
  typescript:
    "function greet(name: string): string {\n  return 'Hello, ' + name\n}\n\nconsole.log(greet('world'))",
  javascript: "function greet(name) {\n  return 'Hello, ' + name\n}\n\nconsole.log(greet('world'))",
  go: 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("Hello, world!")\n}',
  rust: 'fn main() {\n    println!("Hello, world!");\n}',
  java: 'class Greeting {\n    public static void main(String[] arguments) {\n        System.out.println("Hello, world!");\n    }\n}',
  sql: "SELECT name, COUNT(*) AS visits\nFROM guests\nWHERE city = 'Paris'\nGROUP BY name\nORDER BY visits DESC;",
  bash: 'for name in world moon; do\n  echo "Hello, $name!"\ndone',
  html: '<!doctype html>\n<title>Greeting</title>\n<p>Hello, world!</p>',
};

const ALIASES: Record<string, string> = { golang: 'go', shell: 'bash', js: 'javascript', ts: 'typescript' };

/** A fenced code block in the language that the prompt names; TypeScript when it names none. */
export function codeSample(prompt: string): string {
  const names = [...Object.keys(CODE), ...Object.keys(ALIASES)].join('|');
  const found =
    new RegExp(`(?<![a-z])(${names})(?![a-z])`, 'i').exec(prompt)?.[1]?.toLowerCase() ?? 'typescript';
  const language = ALIASES[found] ?? found;
  return `\`\`\`${language}\n${CODE[language] ?? ''}\n\`\`\``;
}

/** A Markdown table. */
export function tableSample(language: Language): string {
  return language === 'zh'
    ? '| 语言 | 诞生 | 类型系统 |\n| --- | ---: | --- |\n| Python | 1991 | 动态 |\n| TypeScript | 2012 | 静态 |\n| Rust | 2015 | 静态 |'
    : '| Language | Born | Typing |\n| --- | ---: | --- |\n| Python | 1991 | dynamic |\n| TypeScript | 2012 | static |\n| Rust | 2015 | static |';
}

/** A formula in the notation that KaTeX renders. */
export const MATH_SAMPLE = '$$\n\\sum_{k=1}^{n} k = \\frac{n(n+1)}{2}\n$$';

/** A Mermaid diagram. */
export function diagramSample(language: Language): string {
  const [ask, think, use, answer] =
    language === 'zh' ? ['提问', '思考', '使用工具', '回答'] : ['Ask', 'Think', 'Use a tool', 'Answer'];
  return `\`\`\`mermaid\nflowchart LR\n  A[${ask}] --> B[${think}]\n  B --> C[${use}]\n  C --> B\n  B --> D[${answer}]\n\`\`\``;
}
