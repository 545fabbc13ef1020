/** Metrics of another metric over the parts of the rows: pages of the metric catalogue. */
export const PART_PAGES = {
  worst: {
    about: 'Another metric (of) in the part of the rows where it is worst: a value of by, or a block of time.',
    formula:
      'min (max where lower is better) of the metric in `of` over the parts; parts with fewer rows than minimum are left out and named. Interval: the unfavourable end is the worst such end of the parts’ own intervals, the favourable end the worst such end of intervals at confidence^(1/parts). Against the champion: worst less worst, between the differences in the parts that may be either model’s worst',
    source: 'intersection-union test: Berger 1982; simultaneous intervals: Šidák 1967',
    reading:
      'In the unit of the metric in `of`; noWorseBy is a difference, also of cost. The worst of many noisy parts looks worse than any is: beyond the bound it fails only with its whole interval, else it is inconclusive. A criterion on the metric itself with by or blocks judges and names every part.',
    unit: 'number',
    saidBy: 'of',
    tasks: ['classification', 'regression', 'ranking'],
  },
  spread: {
    about: 'How far another metric (of) is apart between parts of the rows: values of by, or blocks of time.',
    formula:
      'largest − smallest of the metric in `of` over the parts; parts with fewer rows than minimum are left out and named. Interval: as for worst, over the differences of every two parts, never below 0',
    source: 'as for worst; differences of independent estimates: Zou and Donner 2008',
    reading:
      '0: alike everywhere. Noise alone makes it larger than 0, the more so the more parts there are and the fewer rows each has; it fails only with its whole interval beyond the bound. A model that is equally bad everywhere has no spread: bound its level, too.',
    unit: 'number',
    better: 'lower',
    tasks: ['classification', 'regression', 'ranking'],
  },
} as const;
