"""Frequencies of Vietnamese names: the published shares, and around them common names with shares of our own.

Published: family names (list of 2022), given names of people born 1991-2002 (Đắk Lắk), words per name (born 2007-11),
the groups of the 2019 census. The rest is filled with common syllables. `specs/simulator.md` names the sources.
"""

from dataclasses import dataclass

FAMILY: dict[str, float] = {
    "Nguyễn": 31.5, "Trần": 10.9, "Lê": 8.9, "Phạm": 5.9, "Hoàng": 3.1, "Huỳnh": 2.0, "Phan": 2.8, "Vũ": 2.5, "Võ": 2.4,
    "Đặng": 1.9, "Bùi": 2.1, "Đỗ": 1.9, "Hồ": 1.5, "Ngô": 1.7, "Dương": 1.4, "Lý": 0.5, "Đinh": 1.0, "Trương": 1.7,
    "Trịnh": 1.0, "Mai": 1.0, "Đoàn": 0.9, "Lương": 0.9, "Đào": 0.9, "Cao": 0.8, "Hà": 0.7, "Lâm": 0.7, "Phùng": 0.7,
    "Tạ": 0.5, "Châu": 0.5, "Chu": 0.5, "Tô": 0.5, "Thái": 0.4, "La": 0.3, "Lưu": 0.6, "Quách": 0.3, "Kiều": 0.3,
    "Tống": 0.3, "Tăng": 0.3, "Văn": 0.2, "Quý": 0.1, "Âu Dương": 0.02, "Tôn Thất": 0.03, "Tôn Nữ": 0.03,
}  # fmt: skip

GIVEN_FEMALE: dict[str, float] = {
    "Trang": 4.19, "Thảo": 3.52, "Linh": 3.02, "Anh": 2.46, "Phương": 2.20, "Hằng": 2.14, "Huyền": 2.11, "Hiền": 2.03,
    "Hương": 1.72, "Ngọc": 1.72, "Dung": 1.70, "Nhung": 1.69, "Thủy": 1.65, "Nhi": 1.62, "Duyên": 1.55, "Vân": 1.50,
    "Quỳnh": 1.49, "Nga": 1.49, "Yến": 1.48, "Trinh": 1.46, "Thương": 1.3, "Uyên": 1.3, "Hạnh": 1.3, "Ngân": 1.2,
    "Oanh": 1.2, "Trâm": 1.2, "Ly": 1.2, "Mai": 1.1, "Phượng": 1.1, "Thúy": 1.1, "Lan": 1.1, "Hoa": 1.1, "Hà": 1.1,
    "Loan": 1.0, "Liên": 1.0, "Lệ": 0.9, "My": 1.0, "Mỹ": 0.6, "Vy": 1.0, "Thy": 0.7, "Tuyết": 1.0, "Thu": 1.0,
    "Thanh": 1.0, "Xuân": 0.9, "Cúc": 0.8, "Hồng": 1.0, "Hòa": 0.8, "Hoài": 0.6, "Thùy": 0.7, "Diệu": 0.5, "Diễm": 0.7,
    "Giang": 0.9, "Hiếu": 0.5, "Khuê": 0.3, "Kiều": 0.8, "Lý": 0.6, "Nguyệt": 0.9, "Như": 1.0, "Sương": 0.8, "Tâm": 0.9,
    "Thắm": 0.8, "Thơm": 0.6, "Tiên": 0.8, "Trúc": 0.8, "Tú": 0.7, "Vui": 0.4, "Vinh": 0.3, "Ánh": 0.9, "Ái": 0.3,
    "Bích": 0.8, "Chi": 0.9, "Châu": 0.8, "Đào": 0.8, "Điệp": 0.5, "Đông": 0.3, "Gấm": 0.4, "Hậu": 0.6, "Huệ": 0.9,
    "Khoe": 0.1, "Luyến": 0.6, "Lụa": 0.5, "Mận": 0.4, "Na": 0.4, "Nhàn": 0.6, "Nụ": 0.3, "Phúc": 0.4, "Quý": 0.3,
    "Sen": 0.5, "Thoa": 0.6, "Thỏa": 0.2, "Tuyền": 0.7, "Tươi": 0.5, "Xoan": 0.4, "Ý": 0.3, "Út": 0.4, "Bé": 0.4,
}  # fmt: skip

GIVEN_MALE: dict[str, float] = {
    "Tuấn": 2.71, "Hoàng": 2.46, "Huy": 2.23, "Anh": 2.05, "Hiếu": 1.99, "Hùng": 1.98, "Nam": 1.98, "Sơn": 1.90,
    "Đức": 1.88, "Dũng": 1.70, "Thành": 1.62, "Đạt": 1.56, "Cường": 1.56, "Long": 1.55, "Trung": 1.55, "Hải": 1.42,
    "Nguyên": 1.40, "Thắng": 1.40, "Minh": 1.31, "Duy": 1.15, "Tiến": 1.1, "Quang": 1.1, "Phúc": 1.1, "Trường": 1.0,
    "Tài": 1.0, "Toàn": 1.0, "Hưng": 0.9, "Bình": 1.1, "Hòa": 1.0, "Lâm": 0.8, "Khoa": 0.8, "Kiên": 0.8, "Khánh": 0.8,
    "Khải": 0.5, "Lợi": 0.9, "Lộc": 0.8, "Lực": 0.5, "Mạnh": 0.9, "Nghĩa": 0.8, "Nhân": 0.8, "Phong": 0.9, "Phước": 0.8,
    "Quân": 0.9, "Quốc": 0.7, "Quý": 0.8, "Sang": 0.7, "Sĩ": 0.3, "Tân": 0.8, "Thái": 0.8, "Thiện": 0.7, "Thịnh": 0.8,
    "Thọ": 0.6, "Thông": 0.6, "Thủy": 0.3, "Tín": 0.6, "Tình": 0.6, "Toản": 0.4, "Trí": 0.7, "Trọng": 0.6, "Tú": 0.7,
    "Tùng": 0.9, "Việt": 0.9, "Vinh": 0.8, "Vũ": 0.9, "Vương": 0.5, "Xuân": 0.4, "Ý": 0.2, "An": 0.7, "Ân": 0.3,
    "Bảo": 0.8, "Bắc": 0.4, "Cảnh": 0.5, "Chiến": 0.7, "Chung": 0.5, "Công": 0.7, "Danh": 0.5, "Dương": 0.7,
    "Đại": 0.6, "Đăng": 0.5, "Điền": 0.3, "Định": 0.5, "Đông": 0.5, "Giang": 0.6, "Hà": 0.5, "Hào": 0.5, "Hậu": 0.6,
    "Hiệp": 0.6, "Học": 0.4, "Khang": 0.7, "Kỳ": 0.2, "Lập": 0.4, "Linh": 0.5, "Luân": 0.5, "Năm": 0.3, "Ngọc": 0.5,
    "Nhật": 0.5, "Ninh": 0.3, "Phát": 0.6, "Phú": 0.6, "Tám": 0.2, "Thuận": 0.6, "Tý": 0.2, "Út": 0.3, "Vỹ": 0.2,
}  # fmt: skip

MIDDLE_FEMALE_ONE: dict[str, float] = {
    "Thị": 15, "Ngọc": 9, "Thu": 4, "Thanh": 5, "Phương": 4, "Minh": 3, "Hồng": 4, "Kim": 4, "Bảo": 3, "Khánh": 3,
    "Quỳnh": 3, "Thùy": 3.5, "Thúy": 3, "Mỹ": 3, "Diễm": 2, "Như": 2, "Hoài": 2, "Lan": 1.5, "Mai": 2, "Tuyết": 2,
    "Xuân": 2, "Ánh": 2, "Bích": 2, "Cẩm": 2, "Diệu": 1.5, "Hoàng": 2, "Tường": 1, "Yến": 2, "Gia": 1.5, "Hà": 1.5,
}  # fmt: skip
MIDDLE_FEMALE_TWO: dict[str, float] = {
    "Thị Thanh": 5, "Thị Thu": 6, "Thị Ngọc": 6, "Thị Kim": 5, "Thị Hồng": 6, "Thị Phương": 5, "Thị Minh": 4,
    "Thị Bích": 4, "Thị Mỹ": 4, "Thị Thúy": 4, "Thị Thùy": 4, "Thị Lan": 2, "Thị Mai": 3, "Thị Hoài": 3, "Thị Quỳnh": 3,
    "Thị Tuyết": 3, "Thị Xuân": 3, "Thị Ánh": 2, "Thị Cẩm": 3, "Thị Diễm": 2, "Thị Hải": 2, "Thị Như": 2, "Thị Yến": 2,
    "Ngọc Bảo": 3, "Ngọc Phương": 3, "Ngọc Thanh": 2, "Hoàng Bảo": 1, "Trần Khánh": 1, "Lê Phương": 1, "Nguyễn Minh": 1,
    "Ngọc Quỳnh": 2, "Ngọc Kim": 1, "Thị Vân": 2, "Thị Hà": 2, "Thị Khánh": 2, "Thị Lệ": 2, "Thị Hòa": 1,
}  # fmt: skip
MIDDLE_MALE_ONE: dict[str, float] = {
    "Văn": 9, "Đức": 6, "Minh": 6, "Quang": 5, "Quốc": 5, "Thanh": 5, "Hữu": 5, "Ngọc": 4, "Anh": 2, "Công": 4,
    "Đình": 4, "Gia": 4, "Hoàng": 4, "Xuân": 3, "Duy": 3, "Thành": 3, "Trung": 2.5, "Trọng": 2, "Tuấn": 3, "Tấn": 2.5,
    "Viết": 1.5, "Việt": 2, "Bảo": 2.5, "Chí": 2, "Nhật": 2, "Khánh": 1.5, "Thế": 2, "Tiến": 2, "Mạnh": 2, "Phúc": 1.5,
    "Hải": 1.5, "Hồng": 1.5, "Bá": 1.5, "Như": 1, "Phước": 1, "Thiên": 1, "Kim": 0.7, "Quý": 0.6, "Sỹ": 0.5, "Hòa": 0.4,
}  # fmt: skip
MIDDLE_MALE_TWO: dict[str, float] = {
    "Nguyễn Minh": 3, "Nguyễn Gia": 3, "Trần Minh": 2, "Lê Anh": 2, "Hoàng Gia": 3, "Hoàng Minh": 3, "Văn Minh": 3,
    "Ngọc Minh": 3, "Hữu Minh": 2, "Đức Minh": 2, "Vũ Minh": 2, "Phạm Gia": 2, "Ngọc Bảo": 3, "Hoàng Bảo": 3,
    "Đình Minh": 2, "Quang Nhật": 3, "Anh Minh": 2, "Văn Quang": 2, "Trần Gia": 2, "Lê Quang": 2, "Duy Anh": 1,
    "Huỳnh Tấn": 1, "Phan Anh": 1, "Công Minh": 2, "Xuân Bảo": 1, "Thành Nhật": 1, "Văn Thanh": 2, "Thanh Hoàng": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """One of the 54 peoples: its share of the population, its clans and how a name is built.

    A pattern holds `{clan}`, `{given}` (one of the group's own) or `{middle}{name}` (as the Kinh have them).
    """

    name: str
    share: float  # percent of the population, census of 2019, rounded
    clans: tuple[str, ...]
    male: str
    female: str
    given_male: tuple[str, ...] = ()
    given_female: tuple[str, ...] = ()


_AS_KINH = "{clan} {middle}{name}"
_EDE_MALE = (
    "Thông", "Blang", "Bhiô", "Dhăm", "Djuê", "Khoa", "Krang", "Kương", "Lê", "Mlô", "Nuê", "Phôn", "Rin",
    "Suin", "Thuyên", "Trung", "Wal", "Wĩ", "Yăm",
)  # fmt: skip
_EDE_FEMALE = (
    "Hen", "Bia", "Blah", "Djuên", "Jiăng", "Juin", "Kim", "Lan", "Liễu", "Mai", "Nga", "Ngôn", "Phrui", "Rê",
    "Riam", "Rưng", "Sen", "Wen", "Yuôl", "Zơn",
)  # fmt: skip
_HIGHLAND_MALE = (
    "Bên", "Bin", "Brui", "Chương", "Dum", "Hlơi", "Huân", "Jưk", "Klơi", "Lơi", "Nghiêm", "Phin", "Plưn",
    "Thưr", "Tuih", "Wơn", "Yik", "Zăm",
)  # fmt: skip
_HIGHLAND_FEMALE = (
    "Bel", "Blơm", "Djel", "Hlan", "Hyơi", "Jri", "Khim", "Luin", "Mlưp", "Nhơn", "Phyul", "Rưm", "Soan",
    "Thoan", "Wil", "Yuih", "Zen",
)  # fmt: skip
_HMONG_MALE = (
    "Chu", "Dếnh", "Dơ", "Giống", "Hồ", "Lềnh", "Lử", "Páo", "Pó", "Sử", "Sùng", "Tủa", "Vảng", "Và", "Chỉa",
    "Chinh", "Khua", "Nhè", "Phử", "Sà",
)  # fmt: skip
_HMONG_FEMALE = (
    "Chở", "Dở", "Dua", "Mỷ", "Mai", "Máy", "Pà", "Sua", "Súa", "Xua", "Vàng", "Ly", "Gánh", "Chư", "Lan", "Dợ",
    "Say",
)  # fmt: skip

GROUPS: tuple[Group, ...] = (
    Group("Tày", 1.92, ("Nông", "Hoàng", "Hà", "Ma", "Bế", "Lương", "Triệu", "Lý", "Vi"), _AS_KINH, _AS_KINH),
    Group("Thái", 1.89, ("Lò", "Lường", "Quàng", "Tòng", "Cà", "Mè", "Lù", "Cầm", "Đèo", "Vì", "Sầm"),
          _AS_KINH, _AS_KINH),
    Group("Mường", 1.51, ("Bùi", "Đinh", "Quách", "Hà", "Phạm", "Nguyễn", "Trương"), _AS_KINH, _AS_KINH),
    Group("Mông", 1.45, ("Giàng", "Vàng", "Thào", "Sùng"), "{clan} A {given}", "{clan} Thị {given}",
          _HMONG_MALE, _HMONG_FEMALE),
    Group("Khmer", 1.37, ("Thạch", "Sơn", "Danh", "Kim", "Châu", "Lâm"), _AS_KINH, _AS_KINH),
    Group("Nùng", 1.13, ("Nông", "Hoàng", "Lương", "Vi", "Lý", "Triệu", "Lục"), _AS_KINH, _AS_KINH),
    Group("Dao", 0.93, ("Bàn", "Triệu", "Đặng", "Phùng", "Lý", "Chảo"), _AS_KINH, _AS_KINH),
    Group("Hoa", 0.78, ("Trần", "Lý", "Lâm", "Huỳnh", "Quách", "Vương", "Tăng"), _AS_KINH, _AS_KINH),
    Group("Gia Rai", 0.53, ("Ksor", "Rơ Châm", "Siu", "Nay", "Rcom"), "{clan} {given}", "{clan} H'{given}",
          _HIGHLAND_MALE, _HIGHLAND_FEMALE),
    Group("Ê Đê", 0.41, ("Niê", "Êban", "Mlô", "Kbuôr", "Hmok", "Ayun", "Byă"), "Y {given} {clan}", "H'{given} {clan}",
          _EDE_MALE, _EDE_FEMALE),
    Group("Ba Na", 0.30, ("Yang", "Đinh"), "{given}", "{clan} {given}", _HIGHLAND_MALE, _HIGHLAND_FEMALE),
    Group("Chăm", 0.19, ("Chế", "Ôn", "Lựu", "Đàng"), _AS_KINH, _AS_KINH),
    Group("Mnông", 0.13, ("Bing", "Bkrông", "Du", "Ndu", "Rlik"), "Y {given} {clan}", "H {given} {clan}",
          _EDE_MALE, _EDE_FEMALE),
    Group("Xtiêng", 0.10, ("Điểu", "Thị"), "Điểu {given}", "Thị {given}", _HIGHLAND_MALE, _HIGHLAND_FEMALE),
    Group("Bru-Vân Kiều", 0.10, ("Hồ",), "Hồ Văn {given}", "Hồ Thị {given}", _HIGHLAND_MALE, _HIGHLAND_FEMALE),
    Group("Cơ Tu", 0.08, ("Alăng", "Zơ Râm", "Bh'riu"), "{clan} {given}", "{clan} Thị {given}",
          _HIGHLAND_MALE, _HIGHLAND_FEMALE),
    Group("Co", 0.04, ("Đinh", "Hồ"), "{clan} Văn {given}", "{clan} Thị {given}", _HIGHLAND_MALE, _HIGHLAND_FEMALE),
    Group("Chơ Ro", 0.03, ("Điểu", "Thị"), "Điểu {given}", "Thị {given}", _HIGHLAND_MALE, _HIGHLAND_FEMALE),
)  # fmt: skip
