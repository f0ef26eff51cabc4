/** The languages the simulator writes. */
export type Language = 'en' | 'zh';

const SENTENCES: Record<Language, string[]> = {
  en: [
    'This is the built-in simulator, a demo model that writes as much as you ask for.',
    'A lighthouse keeper once counted the waves to learn how long a night can be.',
    'Every wave came from somewhere, and every one of them ended on the same dark stones.',
    'By morning the numbers filled three pages, and the sea had not grown any smaller.',
    'Ships passed far away, small as lanterns, and none of them knew that they were counted.',
    'He wrote down the weather, the hour, and the one thing that had surprised him most.',
    'Some nights it was a bird, some nights a sound, and once it was nothing at all.',
    'People who read his book later found that patience has a style of its own.',
    'What looks the same from far away is never quite the same when somebody looks closely.',
    'So the light went round, the pages turned, and the counting began again.',
  ],
  zh: [
    '这里是内置的模拟器,一个按要求写字的演示模型。',
    '从前有一位守灯塔的人,整夜数着海浪,想知道一夜究竟有多长。',
    '每一道浪都从远方来,最后都落在同一片黑色的石头上。',
    '到了清晨,数字写满了三页纸,而大海并没有变小。',
    '远处的船像灯笼一样慢慢经过,没有人知道自己被数过。',
    '他记下天气、时刻,还有当晚最让他意外的一件事。',
    '有时是一只鸟,有时是一阵声音,有一次什么也没有。',
    '后来读这本书的人发现,耐心也有自己的文风。',
    '远看相同的东西,近看从来不会完全相同。',
    '于是灯光转了一圈,书页翻过一张,又从头数起。',
  ],
};

const HAN = /\p{Script=Han}/u;
const MOST = 200_000;

/** A text of exactly `count` words (Chinese: characters, punctuation apart), in paragraphs of ten sentences. */
export function filler(count: number, language: Language): string {
  const wanted = Math.min(Math.max(count, 1), MOST);
  const join = language === 'zh' ? '' : ' ';
  const words: string[] = [];
  let size = 0;
  for (let index = 0; size < wanted; index++) {
    const sentences = SENTENCES[language];
    const sentence = sentences[index % sentences.length] ?? '';
    const paragraph = index > 0 && index % sentences.length === 0 ? '\n\n' : index > 0 ? join : '';
    const units = language === 'zh' ? [...sentence] : sentence.split(' ');
    for (const [place, unit] of units.entries()) {
      if (size === wanted) break;
      words.push((place === 0 ? paragraph : join) + unit);
      if (language === 'en' || HAN.test(unit)) size++;
    }
  }
  const text = words.join('');
  const stop = language === 'zh' ? '。' : '.';
  return /[.。]$/.test(text) ? text : text.replace(/[,,、]$/, '') + stop;
}
