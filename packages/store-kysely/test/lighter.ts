// Races and floods are tried in numbers on each database's own store; what is tried here does not depend on them.
if (process.env.TIDINGS_EFFORT === 'ci') process.env.TIDINGS_EFFORT = 'quick';
