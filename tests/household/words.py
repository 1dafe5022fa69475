"""The words a household's data is made of: names, places, titles and notes in the scripts that occur.

Only tables. Who combines them is in the modules beside this one.
"""

from __future__ import annotations

KOREAN_FAMILY = ("김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "서", "신", "권", "황", "남궁")
KOREAN_GIVEN = (
    "민수",
    "서연",
    "지우",
    "하준",
    "도윤",
    "서준",
    "예은",
    "수빈",
    "지민",
    "현우",
    "은지",
    "영희",
    "철수",
    "미경",
    "정숙",
    "영수",
    "순자",
    "병철",
    "상훈",
    "혜진",
    "준호",
    "유나",
    "다은",
    "시우",
    "하은",
    "건우",
    "채원",
    "은우",
    "보람",
    "슬기",
    "아름",
    "나래",
    "태양",
    "빛나",
    "소연",
    "재현",
    "동현",
    "승민",
    "지훈",
    "세영",
    "옥순",
    "말자",
)
LATIN_FAMILY = ("Smith", "Müller", "O'Brien", "García", "Nguyễn", "Łukasiewicz", "Dupont", "Andersson", "van der Berg")
LATIN_GIVEN = ("Anna", "John", "José", "Zoë", "Björn", "Marie-Claire", "Kateřina", "Minh", "Elif", "Tom")
HAN_FAMILY = ("王", "李", "張", "刘", "陳", "歐陽", "司馬")
HAN_GIVEN = ("小明", "偉", "芳", "建国", "雅婷", "志豪", "美玲")
KANA_FAMILY = ("佐藤", "鈴木", "たかはし", "田中", "ワタナベ", "山本")
KANA_GIVEN = ("さくら", "ひろし", "ケン", "あいこ", "翔太", "ユキ")
CYRILLIC_FAMILY = ("Иванов", "Кузнецова", "Шевченко", "Петров", "Ким")
CYRILLIC_GIVEN = ("Анна", "Дмитрий", "Олена", "Юрий", "Наталья")
ARABIC_FAMILY = ("الحسن", "حداد", "العلي", "منصور")
ARABIC_GIVEN = ("محمد", "فاطمة", "يوسف", "ليلى")
EMOJI = ("🎂", "👩‍👩‍👧‍👦", "🏠", "🐶", "⚽", "🎹", "🇰🇷", "❤️", "🚑", "👍🏽")

NICKNAMES = ("엄마", "아빠", "할머니", "막내", "둘째 이모", "회사 동기", "Opa", "mum", "관리실", "담임선생님")
ORGANISATIONS = (
    ("한국전력공사", "요금팀"),
    ("서울초등학교", "3학년 2반"),
    ("동네 치과", ""),
    ("Müller & Söhne GmbH", "Einkauf; Lager"),
    ("株式会社ヤマト", "営業部"),
    ("ООО «Ромашка»", ""),
    ("삼성서울병원", "소아과"),
    ("배달의민족, 고객센터", ""),
)
JOBS = ("부장", "선생님", "원장", "Engineer", "Ärztin", "部長", "инженер", "")
KOREAN_STREETS = ("세종대로 110", "테헤란로 152, 7층", "올림픽로 300", "중앙로 12번길 3-1", "부림로 48, 101동 1502호")
KOREAN_CITIES = (
    ("중구", "서울특별시", "04524"),
    ("안양시 동안구", "경기도", "14056"),
    ("해운대구", "부산광역시", "48099"),
)
OTHER_PLACES = (
    ("Große Straße 7\nHinterhaus", "München", "Bayern", "80331", "Deutschland", "de"),
    ("1 Infinite Loop", "Cupertino", "CA", "95014", "United States", "us"),
    ("霞が関1-2-3", "千代田区", "東京都", "100-0013", "日本", "jp"),
)
CATEGORIES = ("가족", "친구", "회사", "학교", "교회", "myContacts", "Nachbarn")
GROUPS = ("가족", "친구들", "학부모 모임", "축구 동호회", "Familie", "Book club 📚")
APPLE_LABELS = ("_$!<Work>!$_", "_$!<Home>!$_", "_$!<School>!$_", "_$!<Other>!$_", "사무실", "시골집", "Büro")
RELATIONS = ("_$!<Mother>!$_", "_$!<Father>!$_", "_$!<Spouse>!$_", "_$!<Child>!$_", "사촌")
SENTENCES = (
    "초인종이 고장 났으니 전화할 것.",
    "아이 알레르기: 땅콩, 우유; 응급약은 현관 서랍.",
    "Met at the school fête; allergic to cats.",
    "2층 왼쪽 문, 비밀번호는 그대로.",
    "Schlüssel liegt beim Nachbarn (links).",
    "毎週火曜日は休み。",
    "Позвонить после шести вечера.",
    "생일 선물: 책, 꽃 🌷, 커피",
    "C:\\Users\\family\\사진 폴더에 원본 있음",
    "계좌이체는 매달 25일, 영수증은 메일로.",
)

TITLES = (
    "가족 저녁 식사",
    "치과 예약",
    "학부모 상담",
    "피아노 레슨",
    "태권도",
    "장보기",
    "분리수거",
    "회의",
    "팀 회식",
    "할머니 댁 방문",
    "건강검진",
    "자동차 정기검사",
    "축구 경기 ⚽",
    "병원 진료; 접수 먼저",
    "여행, 제주도",
    "동창회",
    "Elternabend",
    "Team meeting",
    "Yoga",
    "誕生日会",
    "Репетитор",
    "عشاء العائلة",
    "Zahnarzt, Dr. Müller",
)
PLACES = ("집", "서울시청", "동네 도서관", "온라인", "강남역 11번 출구", "Rathaus, Zimmer 3", "제주공항", "")
CHORES = (
    "공과금 내기",
    "쓰레기봉투 사기",
    "약 챙기기",
    "책 반납",
    "세탁소 들르기",
    "Steuererklärung",
    "숙제 확인 ✏️",
    "선물 사기",
)
DIARY = ("오늘의 일기", "김장한 날", "첫걸음마", "이사 준비 기록", "Reisetagebuch", "家計簿メモ")
HOLIDAYS = ("설날", "추석", "어린이날", "한글날", "크리스마스", "Tag der Deutschen Einheit")

FOLDERS = (
    "사진",
    "문서",
    "음악",
    "학교",
    "영수증 2026",
    "가족 여행",
    "Work & Co",
    "100% 확정",
    "C# 공부",
    "백업",
    "📷 카메라",
)
STEMS = (
    "회의록",
    "가계부",
    "여행 계획",
    "성적표",
    "IMG_2041",
    "스캔 문서",
    "Rechnung #42",
    "50% 할인 쿠폰",
    "생일파티 🎉",
    "계약서 (최종)",
    "계약서 최종_진짜최종",
    "운동회",
    "résumé",
    "ファイル",
    "отчёт",
    "a+b=c",
    "semi;colon",
    "R&D",
    "~메모",
)
KINDS = (".jpg", ".jpg", ".jpg", ".pdf", ".txt", ".md", ".hwp", ".xlsx", ".mp3", ".mp4", ".HEIC", "")
