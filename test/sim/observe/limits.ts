/** How many tasks the operator runs at the same time in every world. */
export const MOST_TASKS = 2
