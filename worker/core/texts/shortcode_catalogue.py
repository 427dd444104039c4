"""Every shortcode as a row `code source kind label = sample` under its section; shortcodes.py reads it."""

# The lists of the CRM's SMS settings page, in its order and under its labels. A sample is written as an event holds it.
PAGE = """
# clients Клієнти
contact_firstname contact.firstname text Ім'я клієнта = Олена
contact_lastname contact.lastname text Прізвище клієнта = Дем'янюк
contact_phonenumber contact.phonenumber phone Телефон клієнта = +380671234567
contact_title contact.title text Посада = Директорка
contact_email contact.email text Email клієнта = olena@romashka.ua
client_company client.company text Компанія клієнта = ТОВ «Ромашка»
client_phonenumber client.phonenumber phone Телефон = +380441234567
client_website client.website link Веб-сайт = https://romashka.ua
client_country client.country text Країна клієнта = Україна
client_city client.city text Місто = Київ
client_zip client.zip text Поштовий індекс клієнта = 01001
client_state client.state text Область клієнта = Київська
client_address client.address text Адреса (вулиця, будинок, офіс тощо) = вул. Хрещатик, 1, оф. 5
client_vat_number client.vat_number text ПДВ = 123456789012
client_id client.id number ID клієнта = 5
client_profile_addr_billing_street client.billing.street text Адреса юридична. Вулиця = вул. Хрещатик, 1
client_profile_addr_billing_city client.billing.city text Адреса юридична. Місто = Київ
client_profile_addr_billing_state client.billing.state text Адреса юридична. Область/Район = Київська
client_profile_addr_billing_zip client.billing.zip text Адреса юридична. Поштовий індекс = 01001
client_profile_addr_billing_country client.billing.country text Адреса юридична. Країна = Україна
client_profile_addr_shipping_street client.shipping.street text Адреса фізична. Вулиця = вул. Зелена, 20
client_profile_addr_shipping_city client.shipping.city text Адреса фізична. Місто = Львів
client_profile_addr_shipping_state client.shipping.state text Адреса фізична. Область/Район = Львівська
client_profile_addr_shipping_zip client.shipping.zip text Адреса фізична. Поштовий індекс = 79000
client_profile_addr_shipping_country client.shipping.country text Адреса фізична. Країна = Україна

# contract Договір
contract_id contract.id number ID контракту = 31
contract_subject contract.subject text Заголовок = Обслуговування сайту
contract_description contract.description long Опис = Щомісячне обслуговування сайту та резервні копії
contract_datestart contract.datestart date Дата початку контракту = 2026-01-01
contract_dateend contract.dateend date Дата закінчення контракту = 2026-12-31
contract_contract_value contract.contract_value money Вартість контракту = 12000.00 UAH
contract_link contract.link link Посилання на контракт = https://crm.acme.ua/contract/31/9f2c4e8ab1d6
contract_subtotal_word contract.subtotal_word|contract.subtotal word Підсумок словами = 12000.00 UAH
contract_discount_word contract.discount_word|contract.discount word Знижка словами = 600.50 UAH
contract_discount contract.discount money Знижка = 600.50 UAH
contract_items contract.items long Цінова пропозиція = Обслуговування сайту, 12 міс.; резервні копії, 12 міс.
contracts_nomer_dogovoru contract.number text Номер договору = Д-31/26

# invoice Рахунок на оплату
invoice_link invoice.link link Посилання на рахунок = https://crm.acme.ua/invoice/901/3b7d0a5ce214
invoice_number invoice.number text Номер рахунку = INV-000901
invoice_duedate invoice.duedate date Термін оплати рахунку = 2026-11-20
invoice_date invoice.date date Дата рахунку = 2026-11-01
invoice_status invoice.status status Статус рахунку = unpaid
invoice_sale_agent invoice.sale_agent text Агент з продажу = Юрій Ткач
invoice_total invoice.total money Разом = 1500.00 UAH
invoice_subtotal invoice.subtotal money Підсумок = 1250.00 UAH
invoice_amount_due invoice.amount_due money Сума до оплати = 1250.00 UAH

# proposals Пропозиції
proposal_id proposal.id number Ідентифікатор пропозиції = 55
proposal_number proposal.number text Номер пропозиції = КП-0055
proposal_subject proposal.subject text Тема = Меблі для офісу
proposal_datecreated proposal.datecreated date Дата створення = 2026-11-16
proposal_open_till proposal.open_till date Відкрито до = 2026-11-30
proposal_assigned proposal.assigned text Закріплено за = Юрій Ткач
proposal_proposal_to proposal.proposal_to text Покликання компанії = ТОВ «Ромашка»
proposal_address proposal.address text Адреса = вул. Хрещатик, 1
proposal_state proposal.state text Район пропозиції = Київська
proposal_zip proposal.zip text Поштовий індекс = 01001
proposal_country proposal.country text Країна = Україна
proposal_email proposal.email text Ел. пошта = office@romashka.ua
proposal_link proposal.link link Посилання на пропозицію = https://crm.acme.ua/proposal/55/7ad31c90be42

# leads Ліди
lead_name lead.name text Ім'я ліда = Тарас Шевчук
lead_email lead.email text Email ліда = taras@verba.ua
lead_position lead.position text Позиція ліда = Комерційний директор
lead_description lead.description long Додаткова інформація = Цікавиться меблями для офісу на 20 місць
lead_phonenumber lead.phonenumber phone Телефон Ліда = +380501112233
lead_company lead.company text Компанія = ТОВ «Верба»
lead_state lead.state text Район = Львівська
lead_assigned lead.assigned text Lead Assigned = Юрій Ткач
lead_status lead.status status Статус = new
lead_source lead.source text Джерело ліда = Сайт
lead_link lead.link link Посилання на ліда = https://crm.acme.ua/admin/leads/index/17
leads_voronka lead.pipeline text Воронка = Продажі
leads_povtornaya_sdelka lead.repeat_deal text Повторна угода = Ні
leads_povtornoe_obrashchenie lead.repeat_request text Повторне звернення = Так

# requisites Реквізити
entities_name entity.name text Назва = ТОВ «Ромашка»
customers_dopolnitelnye_kontakty entity.extra_contacts long Додаткові контакти = Ірина, бухгалтерка, +380671112233
customers_r_r entity.account text Р/с № = UA213223130000026007233566001
customers_pidpisant entity.signatory text підписант = Дем'янюк О. І.
customers_mfo_banka entity.bank_mfo text МФО Банку = 322313
customers_yedrpou entity.edrpou text ЄДРПОУ = 12345678
customers_ipn entity.ipn text ІПН = 123456789012
entities_dannye_o_rukovoditele entity.head long Дані про керівника в особі = директорки Дем'янюк Олени Іванівни
entities_email_dlya_vchasno entity.vchasno_email text Email для Вчасно = vchasno@romashka.ua

# company Інформація про компанію
company_name company.name text Назва компанії = ТОВ «Акме»
company_payment_account company.payment_account text Розрахунковий рахунок = UA903052992990004149123456789
company_mfo company.mfo text МФО = 305299
company_passport company.passport text Серія та номер паспорта = КС 123456
company_registration company.registration text Реєстраційний номер облікової картки платника податків = 3123456789
company_state company.state text Область/Район = Київська
company_info_format company.details long Інформація про Компанію (PDF та HTML) = ТОВ «Акме», вул. Садова, 3, Київ

# orders Замовлення
stock_orders_status order.status status Статус замовлення = approved
stock_orders_firstname order.firstname text Ім'я = Максим
stock_orders_lastname order.lastname text Прізвище = Поліщук
stock_orders_patronymic order.patronymic text По батькові = Андрійович
stock_orders_email order.email text Email = maksym@verba.ua
stock_orders_delivery_method order.delivery_method text Спосіб доставки = Нова пошта, відділення 5
stock_orders_assigned order.assigned text Менеджер = Марія Гончар
stock_orders_ttn order.ttn text ТТН = 20450123456789
stock_orders_barcode_ttn order.barcode_ttn text Штрихкод ТТН = 20450123456789
stock_orders_date order.date date Дата замовлення = 2026-11-23
stock_orders_description order.description long Доп. інформація = Зателефонувати за годину до доставки
stock_orders_number_order_id order.number text № Замовлення = 1042
stock_orders_delivery_details_string order.delivery_details long Деталі доставки (у рядок) = Київ, відділення 5
stock_orders_delivery_details_blocks order.delivery_blocks long Деталі доставки = Київ. Відділення 5. Максим Поліщук
stock_orders_pay_type order.pay_type text Спосіб оплати = Накладений платіж
stock_orders_nazva_tovaru order.product text Назва товару = Крісло офісне
stock_orders_nazva_skladu order.warehouse text Назва складу = Київ, Садова
stock_orders_opis order.note long Опис = Колір сірий

# company Інформація про компанію
info_about_company_signatory company.signatory text Підписант (ПІБ) = Коваль Ірина Петрівна
"""

# What the page's triggers need and its lists lack. Of two sources the first that has a value counts.
OURS = """
# payment Оплата
payment_total payment.total money Сума оплати = 250.00 UAH
payment_date payment.date date Дата оплати = 2026-11-23

# invoice Рахунок на оплату
total_days_overdue invoice.days_overdue number Днів прострочення = 3
invoice_left invoice.left money Залишок, якщо він є = 1250.00 UAH
invoice_short_url invoice.short_url|invoice.link link Коротке посилання на рахунок = https://acme.ua/i/a1b2

# proposals Пропозиції
proposal_short_url proposal.short_url|proposal.link link Коротке посилання на пропозицію = https://acme.ua/p/c3d4
proposal_total proposal.total money Сума пропозиції = 48000.00 UAH
proposal_days_left proposal.days_left number Днів до кінця дії = 4
proposal_valid_till proposal.valid_till date Діє до, поки діє = 2026-11-27
proposal_last_day proposal.last_day date Сьогодні, якщо день останній = 2026-11-23
proposal_expired proposal.expired date Діяла до, коли минуло = 2026-11-20

# contract Договір
contract_short_url contract.short_url|contract.link link Коротке посилання на договір = https://acme.ua/c/e5f6
contract_type contract.type text Тип договору = Обслуговування
contract_days_left contract.days_left number Днів до закінчення = 4
contract_name contract.name|shortcodes.contracts_nomer_dogovoru|contract.number|contract.subject text Назва = 12/26
contract_valid_till contract.valid_till date Діє до, поки діє = 2026-11-27
contract_last_day contract.last_day date Сьогодні, якщо день останній = 2026-11-23
contract_expired contract.expired date Діяв до, коли минуло = 2026-11-20

# orders Замовлення
stock_orders_total order.total money Сума замовлення = 3400.00 UAH
stock_orders_reason order.reason text Причина скасування = Немає на складі

# booking Журнал запису
booking_client_name booking.client_name text Ім'я клієнта = Марія
booking_service booking.service text Послуга = Стрижка
booking_master booking.master text Майстер = Ганна
booking_branch booking.branch text Філія = вул. Хрещатик, 1
booking_studio booking.studio text Студія = Салон «Весна»
booking_date booking.start date Дата запису = 2026-11-25T14:30:00+02:00
booking_time booking.start time Час запису = 2026-11-25T14:30:00+02:00
booking_phone booking.phonenumber phone Телефон клієнта = +380681010101
booking_link booking.link link Посилання на запис = https://acme.ua/b/g7h8

# meeting Зустріч
meeting_subject meeting.subject text Тема зустрічі = Показ офісу
meeting_date meeting.start date Дата зустрічі = 2026-11-26T11:00:00+02:00
meeting_time meeting.start time Час зустрічі = 2026-11-26T11:00:00+02:00
meeting_place meeting.place text Місце зустрічі = вул. Садова, 3
meeting_link meeting.link link Посилання на зустріч = https://meet.acme.ua/j9k0
meeting_staff meeting.staff text Співробітник = Юрій Ткач

# task Завдання
task_name task.name text Назва завдання = Підготувати договір
task_link task.link link Посилання на завдання = https://crm.acme.ua/admin/tasks/view/80
task_duedate task.duedate date Термін виконання = 2026-11-27
task_status task.status status Статус завдання = new
task_priority task.priority text Пріоритет завдання = Високий
task_assigned_by task.assigned_by text Хто призначив = Ірина Коваль

# staff Співробітник
staff_firstname staff.firstname text Ім'я співробітника = Юрій
staff_lastname staff.lastname text Прізвище співробітника = Ткач
staff_reminder_description staff_reminder.description long Текст нагадування = Зателефонувати Олені
staff_reminder_date staff_reminder.date moment Дата й час нагадування = 2026-11-24T09:30:00+02:00
staff_reminder_relation_name staff_reminder.relation_name text Чого стосується нагадування = Рахунок INV-000901
staff_reminder_relation_link staff_reminder.relation_link link Посилання з нагадування = https://crm.acme.ua/admin/i/901
"""

# They lead into the CRM's admin area: nothing for a client.
STAFF_ONLY = frozenset({"lead_link", "task_link", "staff_reminder_relation_link"})

# Of a last day one of three has a value: it lies ahead, is today, or is past. A typical text has the first.
APART = frozenset({"proposal_last_day", "proposal_expired", "contract_last_day", "contract_expired"})
