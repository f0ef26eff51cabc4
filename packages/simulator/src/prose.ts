import { type Conversation, offeredTools, type Part, promptOf, utterances } from './conversation.ts';
import { filler, type Language } from './filler.ts';
import { PHRASES, type Phrases } from './phrases.ts';
import { codeSample, diagramSample, MATH_SAMPLE, tableSample } from './samples.ts';
import type { Block } from './tokens.ts';

/** The answer to a prompt that is not a script. `prompt` comes without markers. */
export function proseFor(conversation: Conversation, prompt: string): string {
  const echoed = ECHO.exec(prompt)?.[1];
  if (echoed !== undefined) return echoed.trim();
  const head = prompt.slice(0, 2000);
  const language = languageOf(head);
  const length = lengthOf(head);
  if (length !== undefined) return filler(length, language);
  const phrases = PHRASES[language];
  const found = [
    ...attachments(conversation, phrases),
    ...aboutItself(conversation, head, phrases),
    ...samples(head, language),
  ];
  return [...(found.length > 0 ? found : [reply(head, phrases)]), phrases.signature].join('\n\n');
}

/** The reasoning block that "think about …" and "step by step" ask for. */
export function thoughtFor(prompt: string): Block[] {
  const head = prompt.slice(0, 2000);
  if (ECHO.test(head) || !THINK.test(head)) return [];
  return [{ type: 'reasoning', text: PHRASES[languageOf(head)].thought(topicOf(head)) }];
}

/** Words per second, where a prompt asks for a pace. */
export function paceOf(prompt: string): number | undefined {
  const match = PACE.exec(prompt.slice(0, 2000));
  const pace = Number(match?.[1] ?? match?.[2] ?? 0);
  return pace > 0 ? pace : undefined;
}

const ECHO = /^\s*(?:echo\s+|repeat:\s*|重复[::]\s*|复述[::]\s*)([\s\S]+)$/i;
const THINK = /\bthink (?:about|hard|carefully)\b|\bstep[ -]by[ -]step\b|逐步|一步一步|一步步|思考/i;
const PACE =
  /(\d+(?:\.\d+)?)\s*(?:words?|tokens?)\s*(?:per|a|\/)\s*s(?:ec(?:ond)?)?\b|每秒\s*(\d+(?:\.\d+)?)\s*个?(?:字|词|token)/i;
const LENGTH = /(\d+)[\s-]*words?\b|(\d+)\s*个?(?:字|词)(?![典])/i;
const GREETING =
  /^\s*(?:hi|hello|hey|good (?:morning|afternoon|evening)|你好|您好|嗨|早上好|晚上好)(?![a-z])/i;
const QUESTION =
  /[??]\s*$|^\s*(?:what|who|when|where|which|why|how|is|are|do|does|can|could|should|explain|describe)\b|什么|怎么|为什么|如何|吗\s*$/i;
const RECALL =
  /\bwhat (?:did|have|had) I\b.*\b(?:say|said|write|written|tell|told|ask|asked)\b|\bwhat (?:was|were) my (?:first|last|previous|earlier) (?:messages?|questions?)\b|我.{0,8}(?:说|问|讲|写)[了过].{0,3}什么|我.{0,4}第一(?:句|条|个)/i;
const FIRST = /\bfirst\b|第一|最初|一开始/i;
const COUNT = /\bhow many messages\b|(?:多少|几)条消息/i;
const INSTRUCTIONS = /\byour (?:instructions|system prompt)\b|你的(?:指令|系统提示)/i;
const TOOLS = /\b(?:what|which|your|list).{0,12}\btools\b|(?:哪些|什么)工具/i;
const MODEL = /\b(?:what|which) model\b|(?:哪个|什么)模型/i;
const CODE =
  /\b(?:code|function|script|snippet|program|python|typescript|javascript|golang|rust|java|sql|bash|html)\b|代码|函数|脚本|程序/i;
const TABLE = /\btables?\b|表格/i;
const MATH = /\b(?:math|formulas?|equations?|latex|katex)\b|公式|数学|方程/i;
const DIAGRAM = /\b(?:mermaid|diagrams?|flow ?charts?)\b|流程图|示意图|图表/i;

function languageOf(prompt: string): Language {
  const han = prompt.match(/\p{Script=Han}/gu)?.length ?? 0;
  const letters = prompt.match(/[a-z]/gi)?.length ?? 0;
  return han * 6 > letters ? 'zh' : 'en';
}

function lengthOf(prompt: string): number | undefined {
  const match = LENGTH.exec(prompt.replace(PACE, ''));
  const length = Number(match?.[1] ?? match?.[2] ?? 0);
  return length > 0 ? length : undefined;
}

function attachments(conversation: Conversation, phrases: Phrases): string[] {
  const { index } = promptOf(conversation);
  return (conversation.messages[index]?.parts ?? []).flatMap((part) => describe(part, phrases));
}

function describe(part: Part, phrases: Phrases): string[] {
  if (part.type !== 'image' && part.type !== 'document') return [];
  const size = part.bytes === undefined ? phrases.linked : phrases.bytes(part.bytes);
  if (part.type === 'image') return [phrases.image(part.mediaType, size)];
  return [phrases.document(part.name, part.mediaType, size)];
}

function aboutItself(conversation: Conversation, prompt: string, phrases: Phrases): string[] {
  if (RECALL.test(prompt)) return [recall(conversation, FIRST.test(prompt), phrases)];
  if (COUNT.test(prompt)) {
    const byUser = utterances(conversation).length;
    const byModel = conversation.messages.filter((message) => message.role === 'assistant').length;
    return [phrases.count(byUser + byModel, byUser)];
  }
  if (INSTRUCTIONS.test(prompt)) {
    return [conversation.system === '' ? phrases.noInstructions : phrases.instructions(conversation.system)];
  }
  if (TOOLS.test(prompt)) {
    const names = offeredTools(conversation).map((tool) => tool.name);
    return [names.length === 0 ? phrases.noTools : phrases.tools(names)];
  }
  return MODEL.test(prompt) ? [phrases.model(conversation.model)] : [];
}

function recall(conversation: Conversation, first: boolean, phrases: Phrases): string {
  const earlier = utterances(conversation)
    .slice(0, -1)
    .map((utterance) => utterance.text.slice(0, 500));
  const [oldest] = earlier;
  if (oldest === undefined) return phrases.saidNothing;
  return first ? phrases.saidFirst(oldest) : phrases.said(earlier.slice(-20));
}

function samples(prompt: string, language: Language): string[] {
  const phrases = PHRASES[language];
  const wanted: [RegExp, string, string][] = [
    [TABLE, phrases.table, tableSample(language)],
    [MATH, phrases.math, MATH_SAMPLE],
    [DIAGRAM, phrases.diagram, diagramSample(language)],
    [CODE, phrases.code, codeSample(prompt)],
  ];
  return wanted.flatMap(([pattern, lead, sample]) => (pattern.test(prompt) ? [`${lead}\n\n${sample}`] : []));
}

function reply(prompt: string, phrases: Phrases): string {
  if (prompt.trim() === '' || (GREETING.test(prompt) && prompt.length <= 40)) return phrases.hello;
  return QUESTION.test(prompt) ? phrases.question(topicOf(prompt)) : phrases.statement(topicOf(prompt));
}

const LEAD =
  /^(?:please|can you|could you|would you|tell me|explain|describe|think (?:about|hard about|carefully about)|(?:what|who|where|how|why|when|which) (?:is|are|was|were|do|does|did|can|should|to)|what|who|where|how|why|when|is|are|do|does|can|请问|请)(?![a-z])\s*/i;

/** What a prompt is about: its first line without question words and final punctuation. */
function topicOf(prompt: string): string {
  let topic = prompt.trim().split('\n')[0] ?? '';
  for (let left = 3; left > 0 && LEAD.test(topic); left--) topic = topic.replace(LEAD, '');
  return topic.replace(/[\s??!!.。]+$/, '').slice(0, 160);
}
