/** Encrypts what the store keeps, with AES-GCM and a key that WebCrypto never gives out. */

const ALGORITHM = "AES-GCM";
const IV_BYTES = 12;

export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly ciphertext: ArrayBuffer;
}

/** A new key. The browser stores it for the page's origin; no script can read its bytes. */
export async function newKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: ALGORITHM, length: 256 }, false, ["encrypt", "decrypt"]);
}

/** Encrypt samples. `place` says where they are stored: they cannot be decrypted as those of another place. */
export async function seal(key: CryptoKey, samples: Int16Array<ArrayBuffer>, place: string): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  return { iv, ciphertext: await crypto.subtle.encrypt(parameters(iv, place), key, samples) };
}

/** Raises OperationError if the ciphertext is not of this key and this place. */
export async function unseal(key: CryptoKey, sealed: Sealed, place: string): Promise<Int16Array<ArrayBuffer>> {
  return new Int16Array(await crypto.subtle.decrypt(parameters(sealed.iv, place), key, sealed.ciphertext));
}

function parameters(iv: Uint8Array<ArrayBuffer>, place: string): AesGcmParams {
  return { name: ALGORITHM, iv, additionalData: new TextEncoder().encode(place) };
}
