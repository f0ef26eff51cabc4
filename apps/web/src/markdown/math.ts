import 'katex/dist/katex.min.css';

/** Formulas and their fonts; loaded when the first formula appears. */
export { default } from 'rehype-katex';
