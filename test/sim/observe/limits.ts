/** How many tasks the operator runs at the same time in every world: of one namespace two, while no other has any. */
export const MOST_TASKS = 4
