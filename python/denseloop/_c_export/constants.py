"""The constants of the elementary functions, by dtype, as cpp/simd has them."""

hexadecimal = float.fromhex

# exp(-s) = 1 - s + s^2 Q(s); the coefficients, lowest power first, are of Q and of the GELU.
EXP = {
    "float64": {
        "LOG2_E": hexadecimal("0x1.71547652b82fep+0"),
        "LN2_HI": hexadecimal("0x1.62e42fefa38p-1"),
        "LN2_LO": hexadecimal("0x1.ef35793c76730p-45"),
        "ROUNDING": hexadecimal("0x1.8p52") + 1023,
        "LARGEST": 708,
        "VANISHING": 746,
    },
    "float32": {
        "LOG2_E": hexadecimal("0x1.715476p+0"),
        "LN2_HI": hexadecimal("0x1.62e4p-1"),
        "LN2_LO": hexadecimal("0x1.7f7d1cp-20"),
        "ROUNDING": hexadecimal("0x1.8p23") + 127,
        "LARGEST": 87,
        "VANISHING": 104,
    },
}
EXP_POLYNOMIAL = {
    "float64": [
        hexadecimal("0x1.000000000000ap-1"),
        hexadecimal("-0x1.55555555554f9p-3"),
        hexadecimal("0x1.555555555083dp-5"),
        hexadecimal("-0x1.1111111127d10p-7"),
        hexadecimal("0x1.6c16c18438e15p-10"),
        hexadecimal("-0x1.a01a012a0f2f2p-13"),
        hexadecimal("0x1.a01999e1ec9b3p-16"),
        hexadecimal("-0x1.71df25b244db5p-19"),
        hexadecimal("0x1.28ad9be8e1b51p-22"),
        hexadecimal("-0x1.ad7f4113faffap-26"),
    ],
    "float32": [
        hexadecimal("0x1.fffffcp-2"),
        hexadecimal("-0x1.555492p-3"),
        hexadecimal("0x1.5558f2p-5"),
        hexadecimal("-0x1.123a20p-7"),
        hexadecimal("0x1.6a23ccp-10"),
    ],
}
NORMAL = {
    "float64": {
        "NEAR": 0.796875,
        "HALF_NEAR": 0.796875 / 2,
        "FAR": 5.5,
        "CENTRE": 0.65625,
        "LARGEST": 38.6,
        "ROUNDING": hexadecimal("0x1.8p52") + 1023 + 64,
        "SHIFTED_HALF": hexadecimal("0x1p63"),
        "UNSHIFT": hexadecimal("0x1p-64"),
        "INV_SQRT_2PI_UNSHIFT": hexadecimal("0x1.9884533d43651p-66"),
    },
    "float32": {
        "NEAR": 0.796875,
        "HALF_NEAR": 0.796875 / 2,
        "FAR": 4,
        "CENTRE": 0.75,
        "LARGEST": 14.4,
        "ROUNDING": hexadecimal("0x1.8p23") + 127 + 32,
        "SHIFTED_HALF": hexadecimal("0x1p31"),
        "UNSHIFT": hexadecimal("0x1p-32"),
        "INV_SQRT_2PI_UNSHIFT": hexadecimal("0x1.988454p-34"),
    },
}
NORMAL_POLYNOMIAL = {
    "float64": [
        hexadecimal("0x1.50ea9c9079cf8p-5"),
        hexadecimal("-0x1.b9473c538b9bep-3"),
        hexadecimal("0x1.c8ca61981ac4bp-2"),
        hexadecimal("-0x1.65722a86de070p-1"),
        hexadecimal("0x1.d32fd0781788fp-1"),
        hexadecimal("-0x1.05519d4e4cd19p+0"),
        hexadecimal("0x1.f2610b174f4b3p-1"),
        hexadecimal("-0x1.899a096681c35p-1"),
        hexadecimal("0x1.dd1e54dbd8643p-2"),
        hexadecimal("-0x1.53bcbbc248158p-3"),
        hexadecimal("-0x1.2612f89446433p-5"),
        hexadecimal("0x1.97eb64da169bap-4"),
        hexadecimal("-0x1.e65a77c6f82f1p-5"),
        hexadecimal("-0x1.c14289c5042a6p-8"),
        hexadecimal("0x1.225d1a96ddafcp-5"),
        hexadecimal("-0x1.1c06611c5b046p-6"),
        hexadecimal("-0x1.30cb8b67c1522p-7"),
        hexadecimal("0x1.10f9bb9822a97p-6"),
        hexadecimal("-0x1.352e5193a44f9p-7"),
        hexadecimal("-0x1.11e6b8f90e666p-5"),
        hexadecimal("-0x1.63f1b2756d9bcp-6"),
        hexadecimal("-0x1.39e67e78b323bp-8"),
    ],
    "float32": [
        hexadecimal("0x1.07427cp-5"),
        hexadecimal("-0x1.844e68p-3"),
        hexadecimal("0x1.57faa2p-2"),
        hexadecimal("-0x1.abd980p-2"),
        hexadecimal("0x1.9477e8p-2"),
        hexadecimal("-0x1.0bae84p-2"),
        hexadecimal("0x1.865b96p-4"),
        hexadecimal("0x1.4caa8ep-5"),
        hexadecimal("-0x1.381bd6p-3"),
        hexadecimal("-0x1.2cf79ep-4"),
    ],
}
