import type { Language } from './filler.ts';

/** The sentences of plain answers. */
export interface Phrases {
  signature: string;
  hello: string;
  question: (topic: string) => string;
  statement: (topic: string) => string;
  said: (quotes: string[]) => string;
  saidFirst: (quote: string) => string;
  saidNothing: string;
  count: (all: number, byUser: number) => string;
  instructions: (text: string) => string;
  noInstructions: string;
  tools: (names: string[]) => string;
  noTools: string;
  model: (id: string) => string;
  image: (mediaType: string, size: string) => string;
  document: (name: string, mediaType: string, size: string) => string;
  bytes: (count: number) => string;
  linked: string;
  code: string;
  table: string;
  math: string;
  diagram: string;
  thought: (topic: string) => string;
}

/** What the simulator says, in each language. */
export const PHRASES: Record<Language, Phrases> = {
  en: {
    signature:
      'I am the built-in simulator, a demo model: I answer by fixed rules and know nothing beyond this conversation. Add a real model to get real answers.',
    hello: 'Hello! Good to hear from you. What would you like to do?',
    question: (topic) =>
      `You asked about ${topic}. A good answer would start with what is known about ${topic}, give an example, and end with what to do next.`,
    statement: (topic) =>
      `I have read what you wrote about ${topic}. Tell me what you would like to do with it.`,
    said: (quotes) => `You said: ${quotes.map((quote) => `“${quote}”`).join(', ')}.`,
    saidFirst: (quote) => `The first thing you said was: “${quote}”.`,
    saidNothing: 'You have not said anything before this.',
    count: (all, byUser) =>
      `I was sent ${all} ${all === 1 ? 'message' : 'messages'}, ${byUser} of them from you.`,
    instructions: (text) => `My instructions are: “${text}”`,
    noInstructions: 'I was given no instructions.',
    tools: (names) => `The tools offered to me are: ${names.join(', ')}.`,
    noTools: 'No tools are offered to me.',
    model: (id) => `You called me by the model id ${id}.`,
    image: (mediaType, size) => `I see an image, ${mediaType}, ${size}.`,
    document: (name, mediaType, size) => `I see a document, ${name}, ${mediaType}, ${size}.`,
    bytes: (count) => `${count} bytes`,
    linked: 'given by reference',
    code: 'Here is a small example:',
    table: 'Here is a table:',
    math: 'Here is a formula: the sum $1 + 2 + \\dots + n$ has a closed form.',
    diagram: 'Here is a diagram:',
    thought: (topic) =>
      `The prompt is about ${topic}. First I look at what is asked, then at what I have, and then I choose the shortest answer that fits.`,
  },
  zh: {
    signature:
      '我是内置的模拟器(演示模型):我按固定规则回答,只知道这段对话里的内容。接入真实模型后即可得到真正的回答。',
    hello: '你好!很高兴见到你。今天想做点什么?',
    question: (topic) => `你问的是“${topic}”。好的回答会先说明已知的情况,再举一个例子,最后给出下一步建议。`,
    statement: (topic) => `我读到了你写的“${topic}”。请告诉我接下来想怎么做。`,
    said: (quotes) => `你之前说过:${quotes.map((quote) => `“${quote}”`).join('、')}。`,
    saidFirst: (quote) => `你说的第一句话是:“${quote}”。`,
    saidNothing: '在这之前你还没有说过什么。',
    count: (all, byUser) => `我一共收到 ${all} 条消息,其中 ${byUser} 条来自你。`,
    instructions: (text) => `我的指令是:“${text}”`,
    noInstructions: '我没有收到任何指令。',
    tools: (names) => `可用的工具有:${names.join('、')}。`,
    noTools: '没有可用的工具。',
    model: (id) => `你调用的模型是 ${id}。`,
    image: (mediaType, size) => `我看到一张图片:${mediaType},${size}。`,
    document: (name, mediaType, size) => `我看到一个文档:${name},${mediaType},${size}。`,
    bytes: (count) => `${count} 字节`,
    linked: '以引用方式给出',
    code: '下面是一个小例子:',
    table: '下面是一张表格:',
    math: '下面是一个公式:$1 + 2 + \\dots + n$ 有一个简洁的结果。',
    diagram: '下面是一张图:',
    thought: (topic) => `用户的问题是“${topic}”。先看问题本身,再看手头有什么,然后选一个最短的合适回答。`,
  },
};
