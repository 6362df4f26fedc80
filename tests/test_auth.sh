#!/bin/sh
# A service account's signature, made by the system's libcrypto through the headers, is verified by the openssl command.
. tests/lib.sh

TEST=$BUILD/test_auth
if ! have openssl; then skip "RS256 signatures" "no openssl command"; finish; fi
for bits in 2048 4096; do
    key=$SCRATCH/$bits.pem
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:$bits -out "$key" 2>/dev/null
    openssl pkey -in "$key" -pubout -out "$key.pub" 2>/dev/null
    if ! "$TEST" sign "$key" "$SCRATCH/data" "$SCRATCH/signature" >"$SCRATCH/said"; then
        if grep -q libssl "$SCRATCH/said"; then skip "RS256 of $bits bits" "no libssl"; else fail "RS256 of $bits bits: $(cat "$SCRATCH/said")"; fi
        continue
    fi
    ok "RS256 of $bits bits" openssl dgst -sha256 -verify "$key.pub" -signature "$SCRATCH/signature" "$SCRATCH/data"
    openssl dgst -sha256 -sign "$key" -out "$SCRATCH/theirs" "$SCRATCH/data"
    ok "byte for byte as openssl signs ($bits bits)" cmp "$SCRATCH/signature" "$SCRATCH/theirs"
done
openssl pkey -in "$SCRATCH/2048.pem" -aes256 -passout pass:secret -out "$SCRATCH/locked.pem" 2>/dev/null
"$TEST" sign "$SCRATCH/locked.pem" "$SCRATCH/data" "$SCRATCH/signature" >"$SCRATCH/said" </dev/null
ok "a key behind a passphrase is refused and asks nothing" grep -q "without a passphrase\|libssl" "$SCRATCH/said"
finish
