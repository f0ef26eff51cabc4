/** Words of sign-in and first set-up. */
export const session = {
  signIn: {
    title: 'Sign in',
    username: 'User name',
    password: 'Password',
    submit: 'Sign in',
    wrong: 'User name or password is wrong.',
    throttled: 'Too many attempts. Try again in {{count}} s.',
    disabled: 'This account may not sign in. Ask an administrator.',
    setupTitle: 'This installation is not set up yet',
    setupBody:
      'Open the set-up link that the server printed in its log when it started. It creates the first administrator.',
  },
  setup: {
    title: 'Set up Wegent',
    body: 'Create the first administrator. You can add people and models afterwards.',
    username: 'User name',
    password: 'Password',
    repeat: 'Repeat the password',
    submit: 'Create administrator',
    mismatch: 'The two passwords differ.',
    tooShort: 'At least {{count}} characters.',
    noToken: 'The set-up token is missing',
    noTokenBody: 'Open the complete link from the server log; it ends in “?token=…”.',
    done: 'This installation is already set up',
    doneBody: 'Sign in with the account of the administrator.',
    toSignIn: 'Go to sign-in',
    badToken: 'The set-up link is not valid (any more). Use the newest one from the server log.',
  },
  strength: {
    label: 'Strength',
    weak: 'Easy to guess. Make it longer.',
    fair: 'Acceptable. Longer is better.',
    good: 'Good.',
    strong: 'Strong.',
  },
};
