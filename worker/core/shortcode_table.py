"""Every shortcode as a row `code source kind label` under its section; shortcode.py reads it."""

from __future__ import annotations

# The lists of the CRM's SMS settings page, in its order and under its labels.
PAGE = """
# Клієнти
contact_firstname contact.firstname text Ім'я клієнта
contact_lastname contact.lastname text Прізвище клієнта
contact_phonenumber contact.phonenumber phone Телефон клієнта
contact_title contact.title text Посада
contact_email contact.email text Email клієнта
client_company client.company text Компанія клієнта
client_phonenumber client.phonenumber phone Телефон
client_website client.website link Веб-сайт
client_country client.country text Країна клієнта
client_city client.city text Місто
client_zip client.zip text Поштовий індекс клієнта
client_state client.state text Область клієнта
client_address client.address text Адреса (вулиця, будинок, офіс тощо)
client_vat_number client.vat_number text ПДВ
client_id client.id number ID клієнта
client_profile_addr_billing_street client.billing.street text Адреса юридична. Вулиця
client_profile_addr_billing_city client.billing.city text Адреса юридична. Місто
client_profile_addr_billing_state client.billing.state text Адреса юридична. Область/Район
client_profile_addr_billing_zip client.billing.zip text Адреса юридична. Поштовий індекс
client_profile_addr_billing_country client.billing.country text Адреса юридична. Країна
client_profile_addr_shipping_street client.shipping.street text Адреса фізична. Вулиця
client_profile_addr_shipping_city client.shipping.city text Адреса фізична. Місто
client_profile_addr_shipping_state client.shipping.state text Адреса фізична. Область/Район
client_profile_addr_shipping_zip client.shipping.zip text Адреса фізична. Поштовий індекс
client_profile_addr_shipping_country client.shipping.country text Адреса фізична. Країна

# Договір
contract_id contract.id number ID контракту
contract_subject contract.subject text Заголовок
contract_description contract.description text Опис
contract_datestart contract.datestart date Дата початку контракту
contract_dateend contract.dateend date Дата закінчення контракту
contract_contract_value contract.contract_value money Вартість контракту
contract_link contract.link link Посилання на контракт
contract_subtotal_word contract.subtotal_word text Підсумок словами
contract_discount_word contract.discount_word text Знижка словами
contract_discount contract.discount money Знижка
contract_items contract.items text Цінова пропозиція
contracts_nomer_dogovoru contract.number text Номер договору

# Рахунок на оплату
invoice_link invoice.link link Посилання на рахунок
invoice_number invoice.number text Номер рахунку
invoice_duedate invoice.duedate date Термін оплати рахунку
invoice_date invoice.date date Дата рахунку
invoice_status invoice.status status Статус рахунку
invoice_sale_agent invoice.sale_agent text Агент з продажу
invoice_total invoice.total money Разом
invoice_subtotal invoice.subtotal money Підсумок
invoice_amount_due invoice.amount_due money Сума до оплати

# Пропозиції
proposal_id proposal.id number Ідентифікатор пропозиції
proposal_number proposal.number text Номер пропозиції
proposal_subject proposal.subject text Тема
proposal_datecreated proposal.datecreated date Дата створення
proposal_open_till proposal.open_till date Відкрито до
proposal_assigned proposal.assigned text Закріплено за
proposal_proposal_to proposal.proposal_to text Покликання компанії
proposal_address proposal.address text Адреса
proposal_state proposal.state text Район пропозиції
proposal_zip proposal.zip text Поштовий індекс
proposal_country proposal.country text Країна
proposal_email proposal.email text Ел. пошта
proposal_link proposal.link link Посилання на пропозицію

# Ліди
lead_name lead.name text Ім'я ліда
lead_email lead.email text Email ліда
lead_position lead.position text Позиція ліда
lead_description lead.description text Додаткова інформація
lead_phonenumber lead.phonenumber phone Телефон Ліда
lead_company lead.company text Компанія
lead_state lead.state text Район
lead_assigned lead.assigned text Lead Assigned
lead_status lead.status status Статус
lead_source lead.source text Джерело ліда
lead_link lead.link link Посилання на ліда
leads_voronka lead.pipeline text Воронка
leads_povtornaya_sdelka lead.repeat_deal text Повторна угода
leads_povtornoe_obrashchenie lead.repeat_request text Повторне звернення

# Реквізити
entities_name entity.name text Назва
customers_dopolnitelnye_kontakty entity.extra_contacts text Додаткові контакти
customers_r_r entity.account text Р/с №
customers_pidpisant entity.signatory text підписант
customers_mfo_banka entity.bank_mfo text МФО Банку
customers_yedrpou entity.edrpou text ЄДРПОУ
customers_ipn entity.ipn text ІПН
entities_dannye_o_rukovoditele entity.head text Дані про керівника в особі
entities_email_dlya_vchasno entity.vchasno_email text Email для Вчасно

# Інформація про компанію
company_name company.name text Назва компанії
company_payment_account company.payment_account text Розрахунковий рахунок
company_mfo company.mfo text МФО
company_passport company.passport text Серія та номер паспорта
company_registration company.registration text Реєстраційний номер облікової картки платника податків
company_state company.state text Область/Район
company_info_format company.details text Інформація про Компанію (PDF та HTML)

# Замовлення
stock_orders_status order.status status Статус замовлення
stock_orders_firstname order.firstname text Ім'я
stock_orders_lastname order.lastname text Прізвище
stock_orders_patronymic order.patronymic text По батькові
stock_orders_email order.email text Email
stock_orders_delivery_method order.delivery_method text Спосіб доставки
stock_orders_assigned order.assigned text Менеджер
stock_orders_ttn order.ttn text ТТН
stock_orders_barcode_ttn order.barcode_ttn text Штрихкод ТТН
stock_orders_date order.date date Дата замовлення
stock_orders_description order.description text Доп. інформація
stock_orders_number_order_id order.number text № Замовлення
stock_orders_delivery_details_string order.delivery_details text Деталі доставки (у рядок)
stock_orders_delivery_details_blocks order.delivery_blocks text Деталі доставки
stock_orders_pay_type order.pay_type text Спосіб оплати
stock_orders_nazva_tovaru order.product text Назва товару
stock_orders_nazva_skladu order.warehouse text Назва складу
stock_orders_opis order.note text Опис

# Інформація про компанію
info_about_company_signatory company.signatory text Підписант (ПІБ)
"""

# What the page's triggers need and its lists lack. Of two sources the first that has a value counts.
OURS = """
# Оплата
payment_total payment.total money Сума оплати
payment_date payment.date date Дата оплати

# Рахунок на оплату
total_days_overdue invoice.days_overdue number Днів прострочення
invoice_short_url invoice.short_url|invoice.link link Коротке посилання на рахунок

# Пропозиції
proposal_short_url proposal.short_url|proposal.link link Коротке посилання на пропозицію
proposal_total proposal.total money Сума пропозиції
proposal_valid_till proposal.valid_till date Діє до (поки діє)
proposal_last_day proposal.last_day date Останній день дії (лише в цей день)
proposal_expired proposal.expired date Діяла до (коли минуло)

# Договір
contract_short_url contract.short_url|contract.link link Коротке посилання на договір
contract_type contract.type text Тип договору
contract_name contract.name|shortcodes.contracts_nomer_dogovoru|contract.number|contract.subject text Номер або заголовок
contract_valid_till contract.valid_till date Діє до (поки діє)
contract_last_day contract.last_day date Останній день дії (лише в цей день)
contract_expired contract.expired date Діяв до (коли минуло)

# Журнал запису
booking_client_name booking.client_name text Ім'я клієнта
booking_service booking.service text Послуга
booking_master booking.master text Майстер
booking_branch booking.branch text Філія
booking_studio booking.studio text Студія
booking_date booking.start date Дата запису
booking_time booking.start time Час запису
booking_phone booking.phonenumber phone Телефон клієнта
booking_link booking.link link Посилання на запис

# Зустріч
meeting_subject meeting.subject text Тема зустрічі
meeting_date meeting.start date Дата зустрічі
meeting_time meeting.start time Час зустрічі
meeting_place meeting.place text Місце зустрічі
meeting_link meeting.link link Посилання на зустріч
meeting_staff meeting.staff text Співробітник

# Завдання
task_name task.name text Назва завдання
task_link task.link link Посилання на завдання
task_duedate task.duedate date Термін виконання
task_status task.status status Статус завдання
task_priority task.priority text Пріоритет завдання

# Співробітник
staff_firstname staff.firstname text Ім'я співробітника
staff_lastname staff.lastname text Прізвище співробітника
staff_reminder_description staff_reminder.description text Текст нагадування
staff_reminder_date staff_reminder.date moment Дата й час нагадування
staff_reminder_relation_name staff_reminder.relation_name text Чого стосується нагадування
staff_reminder_relation_link staff_reminder.relation_link link Посилання, якого стосується нагадування
"""
