/** One requirement of a label or field selector. */
export interface Requirement {
  key: string;
  operator: 'in' | 'notin' | 'exists' | 'doesnotexist';
  /** Empty for the two existence operators. */
  values: readonly string[];
}

/** A parsed selector: all requirements must hold. */
export type Selector = readonly Requirement[];
