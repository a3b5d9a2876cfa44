/** A TLS 1.2 ClientHello by hand, so that its name may be anything: RFC 5246, section 7.4.1.2, and RFC 6066, section 3. */
export function clientHello(name: string | undefined): Buffer {
    const sized = (bytes: number, body: Buffer): Buffer => {
        const length = Buffer.alloc(bytes);
        length.writeUIntBE(body.length, 0, bytes);
        return Buffer.concat([length, body]);
    };
    const extensions =
        name === undefined
            ? Buffer.alloc(0)
            : Buffer.concat([
                  Buffer.from([0, 0]),
                  sized(2, sized(2, Buffer.concat([Buffer.from([0]), sized(2, Buffer.from(name))]))),
              ]);
    const hello = Buffer.concat([
        Buffer.from([3, 3]),
        Buffer.alloc(32, 7),
        sized(1, Buffer.alloc(0)),
        sized(2, Buffer.from([0xc0, 0x2f])),
        sized(1, Buffer.from([0])),
        sized(2, extensions),
    ]);
    const handshake = Buffer.concat([Buffer.from([1]), sized(3, hello)]);
    return Buffer.concat([Buffer.from([0x16, 3, 1]), sized(2, handshake)]);
}
