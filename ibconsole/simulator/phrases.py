"""Texts that people write to an app, in several languages, including difficult ones."""

from typing import Any

# Any app may receive any of these; difficult texts are included on purpose.
PHRASES = (
    "Hello, is anybody there?",
    "Thanks, that solved it 👍",
    "I still haven't received my refund. Order 4471-2209, paid on Friday by card.",
    "Can you call me back after 5 pm? My number hasn't changed.",
    "ok",
    "👍🏽",
    "🇭🇷🎉👩‍👩‍👧‍👦",
    "Guten Tag, meine Karte wurde am Automaten eingezogen. Was muss ich jetzt tun?",
    "Danke schön, hat geklappt! Grüße aus Köln",
    "Bitte Termin auf Donnerstag verschieben",
    "Dobar dan, kada stiže pošiljka? Čekam već tri dana…",
    "Hvala vam, sve je riješeno 😊",
    "Može li se račun poslati na drugu adresu? Žurno je.",
    "¿Cuándo sale mi vuelo? La aplicación dice «retrasado».",
    "¡Gracias! Llegó todo bien 🌮",
    "No me funciona el código, ¿me lo reenvían?",
    "مرحبا، متى يصل طلبي؟",
    "شكراً جزيلاً، تم حل المشكلة",
    "رقم الطلب 4471-2209 (ORDER) ما زال معلقاً",
    "荷物がまだ届きません。確認をお願いします。",
    "ありがとうございます🙏",
    "मेरा खाता बंद क्यों है? कृपया जल्दी उत्तर दें।",
    "धन्यवाद, काम हो गया",
    "First line\nSecond line\n\nFourth line, after an empty one",
    "address:\tVia Roma 5\r\n00184 Roma",
    "<b>not bold</b> & \"quoted\" 'text' \\ with; a, few: signs",
    '=HYPERLINK("http://example.com","look")',
    "RIGHT TO LEFT: \u202eexe.tnemhcatta\u202c",
    "https://example.com/receipt?id=98122&lang=en#top",
    "Zażółć gęślą jaźń, İstanbul, naïve, Ω≈ç√",
    "",
)

LONG_TEXT = (
    "I would like to complain about what happened at the desk this morning. We arrived two hours "
    "early, as the app asked us to, and were sent from one queue to the next. No one could say "
    "whether the flight was on time, and the screens showed three different gates. My mother is "
    "82 and cannot stand for so long; there was no chair. ✈️ In the end we learned that the "
    "booking was split in two, which we never asked for. "
) * 6

# A keyword and the text after it; the message consists of both.
KEYWORDS = (
    ("BALANCE", ""),
    ("STOP", ""),
    ("YES", ""),
    ("NO", "I will come on Monday instead"),
    ("ORDER", "4471-2209"),
    ("HELP", "my card 💳 is gone"),
    ("RÜCKRUF", "morgen um 9"),
    ("INFO", "ZAG → FRA 17:40"),
)

# The label of a button that was tapped, and the payload that the app sends with it.
BUTTON_TAPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Accept", {"button": "accept", "position": 1}),
    ("Reject", {"button": "reject", "position": 2, "reason": None}),
    (
        "Rate: 4",
        {"survey": {"id": 7719, "question": 2, "answer": 4, "scale": [1, 5]}, "ms": 8123.5},
    ),
    (
        "Pay now",
        {
            "action": "pay",
            "amount": {"value": 129.9, "currency": "EUR"},
            "order": {"id": 90071992547409931, "lines": [{"sku": "A-1", "n": 2}, {"sku": "Ж"}]},
            "final": True,
        },
    ),
    ("Track", {"deep link": "app://track/98122", "version": "7.12.0", "os": "Android 16"}),
)
