from __future__ import annotations

import pytest

from quality.content import Action, Kind, apply, personal
from quality.content.checksums import is_bank_card, is_id_card
from quality.content.subject import Hit
from synthesis.models import Record
from tests.quality.content.finding import found, rule

# Put together here, so that this file does not look like a leak.
AWS = "AKIA" + "IOSFODNN7EXAMPLE"
OPENAI = "sk-" + "a1B2c3D4e5F6g7H8i9J0k1"


@pytest.mark.parametrize(
    ("text", "code", "shown"),
    [
        ("请打13812345678找我", "phone", "138****5678"),
        ("请打１３８１２３４５６７８找我", "phone", "138****5678"),
        ("手机：138 1234 5678。", "phone", "138******5678"),
        ("+86-138-1234-5678", "phone", "+86**********5678"),
        ("电话 010-62345678，周一至周五", "phone", "010*****5678"),
        ("(021) 6234-5678 or (415) 555-2671", "phone", "(41*******2671"),
        ("Call 415-555-2671 now", "phone", "415*****2671"),
        ("Call +44 20 7946 0958.", "phone", "+44*********0958"),
        ("身份证号11010519491231002X。", "id_card", "110*************2X"),
        ("Card 4111 1111 1111 1111, thanks", "bank_card", "***************1111"),
        ("卡号6222020200112233446", "bank_card", "***************3446"),
        ("Amex 3782 822463 10005", "bank_card", "*************0005"),
        ("Write to jane.doe@mail.acme.io.", "email", "[email]"),
        ("邮箱zhang_san@qq.com谢谢", "email", "[email]"),
        ("他住在北京市海淀区中关村大街27号院", "address", "[address]"),
        ("寄到浙江省杭州市西湖区文三路 90 号", "address", "[address]"),
        ("She lives at 742 Evergreen Road, Springfield.", "address", "[address]"),
        ("Server 8.8.4.4 is down", "ip_address", "[ip]"),
        (f"key={AWS}", "api_key", "[key]"),
        (f"export KEY={OPENAI}", "api_key", "[key]"),
        ("-----BEGIN RSA PRIVATE KEY-----", "api_key", "[key]"),
    ],
)
def test_finds_personal_data(text: str, code: str, shown: str) -> None:
    assert found(Kind.PERSONAL, text) == [(code, shown)]


@pytest.mark.parametrize(
    "text",
    [
        "2023-05-12 10:30:00",
        "The population is 1,400,000,000.",
        "Pi is 3.14159265358979.",
        "ISBN 978-7-111-12345-6",
        "2021-2022 2022-2023 2023-2024",
        "2000 2001 2002 2003 2004",
        "订单号 202311220001234567",
        "从2010-2020年，13:00-14:00",
        "E = 299792458 m/s",
        "客服热线400-820-8820，1-800-555-0199",
        "192.168.1.1 and 127.0.0.1",
        "999.1.1.1 and 8.8.4.4.1",
        "user@example.com, a@b, @home",
        "地铁2号线和5号楼，人民路小学3号教室",
        "He bought 2 tickets for Abbey Road.",
        "12345678901234567890123",
        "sk-learn and sky-high",
    ],
)
def test_leaves_ordinary_numbers_alone(text: str) -> None:
    assert found(Kind.PERSONAL, text) == []


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("110105194912310021", False),
        # No such day.
        ("110105194902300023", False),
    ],
)
def test_checks_an_id_card_by_birthday_and_digit(number: str, fits: bool) -> None:
    assert is_id_card(number) is fits


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("4111 1111 1111 1111", True),
        ("4111-1111-1111-1112", False),
        ("378282246310005", True),
        ("0000000000000000", False),
        ("411111111111", False),
    ],
)
def test_checks_a_bank_card_by_length_and_digit(number: str, fits: bool) -> None:
    assert is_bank_card(number) is fits


def test_looks_only_for_the_types_that_were_chosen() -> None:
    text = "13812345678 jane@acme.io"
    assert found(Kind.PERSONAL, text, data_types=["email"]) == [("email", "[email]")]
    assert found(Kind.PERSONAL, text, data_types=["phone"]) == [("phone", "138****5678")]


def test_an_id_card_is_no_phone_and_no_bank_card() -> None:
    assert [code for code, _shown in found(Kind.PERSONAL, "11010519491231002X")] == ["id_card"]


@pytest.mark.parametrize(
    "unit",
    [
        "市区路1号",
        "eyJaaaaaaaaaaaa.",
        "1",
        "a@",
        "a.",
        "@a.",
        "+1 ",
        "1-",
        "路1号",
        "Aa ",
        "sk-",
        "eyJ",
    ],
)
def test_reads_a_long_odd_text_in_no_time(unit: str) -> None:
    assert len(found(Kind.PERSONAL, unit * (60_000 // len(unit)))) <= 2


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("他住在北京市海淀区中关村大街27号院。", "他住在[address]院。"),
        ("地址：广东省深圳市南山区科技园南路12号A座", "地址：[address]A座"),
        ("公司位于上海市浦东新区世纪大道100号", "公司位于[address]"),
        ("寄到杭州市西湖区文三路 90 号谢谢", "寄到[address]谢谢"),
    ],
)
def test_masks_an_address_and_leaves_what_is_around_it(text: str, masked: str) -> None:
    record = Record(content={"text": text})
    apply([record], [rule(Kind.PERSONAL, Action.MASK)])
    assert record.content == {"text": masked}


def test_of_overlapping_finds_the_first_one_counts() -> None:
    places = [(10, 20), (15, 25), (0, 10), (20, 30), (5, 12), (9, 31), (40, 41)]
    hits = [Hit("x", start, end, "", "") for start, end in places]
    kept = [(hit.start, hit.end) for hit in personal.apart(hits)]
    assert kept == [(10, 20), (0, 10), (20, 30), (40, 41)]
