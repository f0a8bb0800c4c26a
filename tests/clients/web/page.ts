// A web app with Firebase. The npm modules `firebase/app` and `firebase/auth` re-export these two packages; the package
// `firebase` itself would install 150 MB of unused code.
import { type FirebaseError, initializeApp } from "@firebase/app";
import {
  connectAuthEmulator,
  getAuth,
  inMemoryPersistence,
  sendPasswordResetEmail,
  setPersistence,
  signInWithEmailAndPassword,
  updatePassword,
  updateProfile,
} from "@firebase/auth";

/** The calls of the test, by name. An error is returned as its code. */
const calls = {
  /** Use the accounts at this address. The session ends when the page is reloaded. */
  async start(url: string): Promise<void> {
    connectAuthEmulator(auth, url, { disableWarnings: true });
    await setPersistence(auth, inMemoryPersistence);
  },

  async signIn(email: string, password: string): Promise<string> {
    return (await signInWithEmailAndPassword(auth, email, password)).user.uid;
  },

  /** Request a new ID token; true if it differs from the old one. */
  async renew(): Promise<boolean> {
    const before = await user().getIdToken();
    return before !== (await user().getIdToken(true));
  },

  /** A claim of the ID token. */
  async claim(name: string): Promise<unknown> {
    return (await user().getIdTokenResult()).claims[name];
  },

  async rename(displayName: string): Promise<string | null> {
    await updateProfile(user(), { displayName });
    await user().reload();
    return user().displayName;
  },

  async choosePassword(password: string): Promise<void> {
    await updatePassword(user(), password);
  },

  async forgetPassword(email: string): Promise<void> {
    await sendPasswordResetEmail(auth, email);
  },

  /** Call the API as the signed-in user. */
  async fetch(url: string, method: string, headers: Record<string, string>, body: unknown): Promise<unknown> {
    const token = await user().getIdToken();
    const answer = await fetch(url, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, etag: answer.headers.get("ETag"), body: await answer.json() };
  },
};

const auth = getAuth(initializeApp({ apiKey: "any", projectId: "demo-synapse" }));

function user() {
  if (!auth.currentUser) {
    throw new Error("nobody is signed in");
  }
  return auth.currentUser;
}

type Answer = { value: unknown } | { error: string };

async function answer(call: keyof typeof calls, parameters: never[]): Promise<Answer> {
  try {
    return { value: await (calls[call] as (...given: never[]) => Promise<unknown>)(...parameters) };
  } catch (error) {
    return { error: (error as FirebaseError).code ?? String(error) };
  }
}

Object.assign(window, { answer });
